// What a display screen shows: its views one after the other, changed in place by events and by pages that were fetched.
"use strict";

window.gongshiScreen = window.gongshiScreen || {};

(function (screen) {
  const VIEW_MS = 15000;
  // Views of releases in front of the others, until the page is fetched anew.
  const MAX_NEWS = 4;

  function replaceChildren(parent, children) {
    while (parent.firstChild) parent.removeChild(parent.firstChild);
    Array.from(children).forEach((child) => parent.appendChild(document.adoptNode(child)));
  }

  function parseFragment(html, parentName) {
    const parent = document.createElement(parentName);
    parent.innerHTML = html;
    return parent.firstElementChild;
  }

  function newElement(name, className, text) {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  class Views {
    constructor(clock, onShow) {
      this.clock = clock;
      this.onShow = onShow;
      this.isBlank = false;
      this.isPaused = false;
      this.shownAt = clock.now();
      this.markup = this.content();
    }

    all() {
      return Array.from(document.querySelectorAll("[data-view]"));
    }

    current() {
      return Math.max(0, this.all().findIndex((view) => !view.hidden));
    }

    content() {
      const main = document.querySelector("main");
      return main ? main.innerHTML : "";
    }

    show(index) {
      const views = this.all();
      views.forEach((view, place) => { view.hidden = place !== index; });
      this.shownAt = this.clock.now();
      this.drawDots(views.length, index);
      if (views[index]) this.onShow(Array.from(views[index].querySelectorAll("[data-item]")));
    }

    drawDots(count, index) {
      const dots = document.querySelector(".dots");
      if (!dots) return;
      replaceChildren(dots, Array.from({ length: count }, (_, place) => newElement("i", place === index ? "on" : "")));
    }

    isDue() {
      return !this.isBlank && !this.isPaused && this.clock.now() - this.shownAt >= VIEW_MS;
    }

    // Show the next view; return whether there was one.
    advance() {
      const next = this.current() + 1;
      if (next >= this.all().length) return false;
      this.show(next);
      return true;
    }

    // What is urgent in a page, with its versions; such views stand before all others.
    urgent(page) {
      return Array.from(page.querySelectorAll("[data-urgent] [data-item]")).map((e) => e.dataset.item + "~" + e.dataset.version);
    }

    // Show a page that was fetched, from its first view on, or without `restart` at the view that is shown now, unless
    // something urgent has come with it.
    replace(page, restart) {
      const markup = page.querySelector("main").innerHTML;
      if (!this.isBlank && !restart && markup === this.markup) return;
      const known = this.urgent(document);
      const isInterrupted = this.urgent(page).some((version) => known.indexOf(version) < 0);
      const index = restart || this.isBlank || isInterrupted ? 0 : this.current();
      this.markup = markup;
      this.isBlank = false;
      document.documentElement.dataset.orientation = page.documentElement.dataset.orientation;
      document.body.className = page.body.className;
      replaceChildren(document.body, page.body.childNodes);
      this.show(Math.min(index, Math.max(0, this.all().length - 1)));
    }

    // Show who the screen belongs to and where to call, and nothing else.
    blank() {
      this.isBlank = true;
      this.markup = "";
      const over = newElement("main", "sc-over");
      over.appendChild(newElement("h1", "", document.body.dataset.bureau));
      over.appendChild(newElement("p", "", document.body.dataset.call));
      document.body.classList.add("screen-over");
      replaceChildren(document.body, [over]);
    }

    find(itemId) {
      return Array.from(document.querySelectorAll("[data-item]")).filter((element) => element.dataset.item === itemId);
    }

    remove(element) {
      const view = element.closest("[data-view]");
      element.parentNode.removeChild(element);
      if (view && !view.querySelector("[data-item]")) view.parentNode.removeChild(view);
    }

    // Take an item away; return whether anything is left to show.
    withdraw(itemId) {
      const shown = this.all()[this.current()];
      this.find(itemId).forEach((element) => this.remove(element));
      this.markup = "";
      if (shown && !shown.isConnected) this.show(0);
      return this.all().length > 0;
    }

    // Show a release in front; rows of the item are replaced where they stand.
    publish(release) {
      const elements = this.find(release.item_id);
      elements.filter((element) => element.tagName === "TR" && release.row).forEach((row) => {
        row.parentNode.replaceChild(parseFragment(release.row, "tbody"), row);
      });
      elements.filter((element) => element.tagName !== "TR").forEach((card) => this.remove(card));
      const shown = this.all()[this.current()];
      const view = this.newsView(release);
      const parent = document.querySelector("[data-views]");
      const urgent = this.all().filter((other) => "urgent" in other.dataset);
      parent.insertBefore(view, release.urgent ? parent.firstChild : this.all()[urgent.length] || null);
      Array.from(parent.querySelectorAll(".is-news:not([data-urgent])")).slice(MAX_NEWS).forEach((old) => parent.removeChild(old));
      this.markup = "";
      // What is urgent is not pushed aside by whatever is released after it.
      const isHeld = !release.urgent && shown && shown.isConnected && "urgent" in shown.dataset;
      if (isHeld) this.drawDots(this.all().length, this.current());
      else this.show(this.all().indexOf(view));
    }

    newsView(release) {
      const view = newElement("section", "is-news");
      view.dataset.view = "";
      if (release.urgent) view.dataset.urgent = "";
      view.hidden = true;
      const head = newElement("div", "sc-title");
      head.appendChild(newElement("h1", "", release.urgent ? document.body.dataset.warning : document.body.dataset.newest));
      view.appendChild(head);
      view.appendChild(parseFragment(release.card, "div"));
      return view;
    }

    drawTime(time) {
      const clock = document.querySelector("[data-clock]");
      if (clock && clock.textContent !== time) clock.textContent = time;
    }

    drawLeaseEnd(time) {
      const end = document.querySelector("[data-lease-until]");
      if (end) end.textContent = time;
    }
  }

  screen.Views = Views;
})(window.gongshiScreen);
