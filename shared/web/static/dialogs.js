// Native dialogs. A link names its dialog; without script the link's own page shows the dialog open.

function showModal(dialog) {
  dialog.removeAttribute("open");
  dialog.showModal();
}

function openOnClick(link) {
  const dialog = document.getElementById(link.dataset.dialog);
  if (!dialog) return;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    showModal(dialog);
  });
}

function closeOnClick(link) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    link.closest("dialog").close();
  });
}

export function openDialogs(root) {
  root.querySelectorAll("[data-dialog]").forEach(openOnClick);
  root.querySelectorAll("dialog [data-cancels]").forEach(closeOnClick);
  root.querySelectorAll("dialog[data-open]").forEach(showModal);
}
