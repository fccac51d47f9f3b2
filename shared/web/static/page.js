// Enhancements of every page. Without script all of this works too: dialogs are pages, messages stay.
import { openDialogs } from "./dialogs.js";

function closeOnClick(button) {
  button.hidden = false;
  button.addEventListener("click", () => button.closest(button.dataset.closes).remove());
}

function revealPassword(choice) {
  const field = document.getElementById(choice.dataset.reveals);
  const tick = choice.querySelector("input");
  choice.hidden = false;
  tick.addEventListener("change", () => {
    field.type = tick.checked ? "text" : "password";
  });
}

function printOnClick(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

document.querySelectorAll("[data-prints]").forEach(printOnClick);
document.querySelectorAll("[data-closes]").forEach(closeOnClick);
document.querySelectorAll("[data-reveals]").forEach(revealPassword);
document.querySelector("[data-focus]")?.focus();
openDialogs(document);
