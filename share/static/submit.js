// Shows a chosen kickstart file in the text area, where it can be read and mended, and the type that
// a chosen template suggests.
"use strict";
(() => {
  const file = document.getElementById("file");
  const text = document.getElementById("kickstart");
  const name = document.getElementById("name");
  const complaints = document.getElementById("complaints");
  if (complaints) {
    complaints.focus();
  }
  const template = document.getElementById("template");
  const type = document.getElementById("type");
  template?.addEventListener("change", () => {
    const suggested = template.selectedOptions[0].dataset.type ?? "";
    const known = [...type.options].some((option) => option.value === suggested);
    type.value = known ? suggested : "";
  });
  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    if (!chosen || chosen.size > 1024 * 1024) {
      return; // a large one is sent as it is
    }
    text.value = await chosen.text();
    if (!name.value) {
      name.value = chosen.name.replace(/\.ks$/, "").replaceAll(" ", "-");
    }
    file.value = ""; // from now on the text is what counts
  });
})();
