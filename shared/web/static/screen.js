// A display screen: shows its views, follows releases by events or by fetching its page, and blanks when its lease expires.
// Until it runs, the page refreshes itself; from then on the style sheet's countdown covers the page should it stop.
"use strict";

(function (screen) {
  const TICK_MS = 1000;
  // Between two pages while the stream is silent.
  const POLL_MS = 20000;
  // Between two pages while the stream is live: only when it has missed a renewal of the lease.
  const LIVE_POLL_MS = 40000;
  // Screens fetch a changed page at different moments.
  const SPREAD_MS = [10000, 40000];
  // A script that fails for this long loads its page anew.
  const FAILING_MS = 60000;

  class Screen {
    constructor() {
      const body = document.body;
      this.clock = new screen.ElapsedClock();
      this.lease = new screen.Lease();
      this.views = new screen.Views(this.clock, (elements) => this.acknowledge(elements));
      this.sender = new screen.Sender(this.clock);
      this.acknowledgements = new screen.Acknowledgements(this.clock, this.lease, body.dataset.acks);
      this.stream = new screen.Stream(
        this.clock, new screen.WindowRank(this.clock), () => this.events, (name, data, seq) => this.receive(name, data, seq)
      );
      this.script = document.querySelector("script[src]").getAttribute("src");
      this.time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: body.dataset.zone });
      // When what is shown was last known to be current.
      this.currentAt = 0;
      this.refreshAt = Infinity;
      // The newest release that this screen knows of, and when the stream told of it.
      this.seq = 0;
      this.seqAt = -Infinity;
      this.failingSince = 0;
      this.take(document, 0);
      this.turnUpright();
    }

    // Where neither the registration nor the address says how the panel is mounted, an upright window shows an upright page.
    turnUpright() {
      if (window.innerHeight <= window.innerWidth || /[?&]orientation=/.test(this.address) || document.body.dataset.mounted) return;
      this.address += (this.address.indexOf("?") < 0 ? "?" : "&") + "orientation=portrait";
      this.refreshAt = 0;
    }

    // Take over the lease, the addresses and the release number of a page that was asked for at `askedAt`.
    take(page, askedAt) {
      const data = page.body.dataset;
      this.lease.renew({ token: data.lease, seconds: Number(data.leaseSeconds), now: data.now }, askedAt);
      this.currentAt = Math.max(this.currentAt, askedAt);
      this.address = data.address;
      this.next = data.next;
      this.events = data.events;
      this.seq = Number(data.seq);
      this.dayEndsAt = this.endOfDay();
      this.armCountdown();
    }

    // Terms end with the day of the bureau, whether a release comes or not. Screens fetch the page of the new day at different moments.
    endOfDay() {
      const now = this.clock.now();
      const [hours, minutes] = this.time.format(this.lease.serverTime(now)).split(":").map(Number);
      return now + ((24 - hours % 24) * 60 - minutes) * 60000 + Math.random() * SPREAD_MS[0];
    }

    // The style sheet covers the page after --lease, whatever becomes of this script.
    armCountdown() {
      const root = document.documentElement;
      const seconds = Math.max(0, (this.lease.expiresAt - this.clock.now()) / 1000);
      root.style.setProperty("--lease", seconds + "s");
      root.classList.toggle("is-renewed");
    }

    tick() {
      const now = this.clock.now();
      if (!this.views.isBlank && this.lease.hasExpired(now)) this.views.blank();
      this.views.drawTime(this.time.format(this.lease.serverTime(now)));
      this.stream.check();
      if (this.views.isDue() && !this.views.advance()) this.turn();
      else if (this.isPollDue(now)) this.fetch(this.address, false);
      if (!this.views.isBlank) this.acknowledgements.flush();
    }

    isPollDue(now) {
      const patience = this.stream.isLive() ? LIVE_POLL_MS : POLL_MS;
      return this.views.isBlank || now >= Math.min(this.refreshAt, this.dayEndsAt) || now - this.currentAt > patience;
    }

    // After the last view: the next page of operators, or the first view again.
    turn() {
      if (this.next !== this.address && this.sender.isReady()) this.fetch(this.next, true);
      else if (this.next === this.address || !this.sender.request) this.views.show(0);
    }

    // Fetch a page and show it. Anything but a page of a screen with a lease counts as a failure.
    fetch(address, restart) {
      if (!this.sender.isReady()) return;
      const separator = address.indexOf("?") < 0 ? "?" : "&";
      const recallsSince = address + separator + "after=" + this.seq;
      this.sender.send("GET", recallsSince, "document", null, (request, askedAt) => {
        const page = request.status === 200 ? request.response : null;
        // The screen has another secret by now: this player shows what anybody may see, marked so.
        if (page && page.body && "preview" in page.body.dataset) this.upgrade();
        if (!page || !page.body || !page.body.dataset.lease) {
          if (restart) this.views.show(0);
          return false;
        }
        // A release or recall has come by the stream while this page was under way.
        const isOutdated = askedAt < this.seqAt && Number(page.body.dataset.seq) < this.seq;
        this.refreshAt = isOutdated ? 0 : Infinity;
        if (isOutdated) return true;
        this.take(page, askedAt);
        this.acknowledgeRecalls(page.body.dataset.recalls);
        this.views.drawLeaseEnd(page.querySelector("[data-lease-until]").textContent);
        this.views.replace(page, restart);
        if (page.querySelector("script[src]").getAttribute("src") !== this.script) this.upgrade();
        return true;
      });
    }

    // The server has just answered with a page that is not for this script to show.
    upgrade() {
      location.replace(this.address);
    }

    acknowledge(elements) {
      elements.forEach((element) => {
        this.acknowledgements.add(element.dataset.item, Number(element.dataset.version));
      });
    }

    acknowledgeRecalls(recalls) {
      (recalls || "").split(" ").filter(Boolean).forEach((recall) => {
        const [itemId, version] = recall.split("~");
        this.acknowledgements.add(itemId, Number(version));
      });
    }

    receive(name, data, seq) {
      if (seq > this.seq) {
        this.seq = seq;
        this.seqAt = this.clock.now();
      }
      if (name === "lease") this.renew(data);
      else if (this.views.isBlank) return;
      else if (name === "withdrawn") this.withdraw(data);
      else if (name === "released" || name === "corrected") this.publish(data);
      else if (name === "left") this.leave(data);
      else this.refreshSoon(name === "resync" ? 0 : SPREAD_MS[0] + Math.random() * (SPREAD_MS[1] - SPREAD_MS[0]));
    }

    renew(lease) {
      const issuedAt = this.lease.renewFromEvent(lease, this.clock.now());
      this.stream.touch(issuedAt);
      this.currentAt = Math.max(this.currentAt, issuedAt);
      if (this.lease.token === lease.token) this.views.drawLeaseEnd(lease.until);
      this.armCountdown();
    }

    publish(release) {
      this.views.publish(release);
      this.refreshSoon(SPREAD_MS[0] + Math.random() * (SPREAD_MS[1] - SPREAD_MS[0]));
    }

    withdraw(withdrawal) {
      this.acknowledgements.add(withdrawal.item_id, withdrawal.version);
      if (!this.views.withdraw(withdrawal.item_id)) this.refreshSoon(0);
    }

    // A version of another region or operator took the place of what may be shown here.
    leave(item) {
      if (!this.views.find(item.item_id).length) return;
      this.views.withdraw(item.item_id);
      this.refreshSoon(0);
    }

    // A refresh that is due already is not put off: releases may never cease.
    refreshSoon(delay) {
      this.refreshAt = Math.min(this.refreshAt, this.clock.now() + delay);
    }

    start() {
      this.views.show(this.views.current());
      setInterval(() => this.guard(), TICK_MS);
      ["visibilitychange", "focus", "pageshow", "online"].forEach((name) => {
        window.addEventListener(name, () => this.guard());
      });
      document.addEventListener("keydown", (event) => {
        if (event.key === " ") this.views.isPaused = !this.views.isPaused;
      });
      this.guard();
    }

    // A fault of this script may not be the end of it.
    guard() {
      try {
        this.tick();
        this.failingSince = 0;
      } catch (error) {
        const now = this.clock.now();
        this.failingSince = this.failingSince || now;
        if (now - this.failingSince > FAILING_MS) location.replace(this.address);
        throw error;
      }
    }
  }

  window.addEventListener("load", () => {
    // In a frame without an origin of its own no request is answered: there the page goes on refreshing itself.
    if (window.origin === "null") return;
    // Whoever installs a screen finds its state here.
    screen.running = new Screen();
    // All is well so far: the refresh of the page is not needed any more.
    window.stop();
    const refresh = document.querySelector("meta[http-equiv=refresh]");
    if (refresh) refresh.parentNode.removeChild(refresh);
    screen.running.start();
  });
})(window.gongshiScreen);
