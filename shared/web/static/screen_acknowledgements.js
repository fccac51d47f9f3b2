// What a display screen tells the server: which versions it has shown, or taken away after a withdrawal.
"use strict";

window.gongshiScreen = window.gongshiScreen || {};

(function (screen) {
  const MAX_PENDING = 200;
  const MAX_SETTLED = 2000;
  // What the server takes in one request.
  const BATCH = 100;

  // Sends each version once; versions wait while the server does not answer.
  class Acknowledgements {
    constructor(clock, lease, address) {
      this.lease = lease;
      this.address = address;
      this.clock = clock;
      this.sender = new screen.Sender(clock);
      this.pending = new Map();
      this.settled = new Set();
    }

    add(itemId, version) {
      const key = itemId + " " + version;
      if (this.settled.has(key) || this.pending.has(key) || this.pending.size >= MAX_PENDING) return;
      const shownAt = this.lease.serverTime(this.clock.now()).toISOString();
      this.pending.set(key, { item_id: itemId, version: version, shown_at: shownAt });
    }

    flush() {
      if (!this.pending.size || !this.sender.isReady()) return;
      const keys = Array.from(this.pending.keys()).slice(0, BATCH);
      const shown = keys.map((key) => this.pending.get(key));
      const body = JSON.stringify({ lease: this.lease.token, shown: shown });
      this.sender.send("POST", this.address, "text", body, (request) => {
        // What the server finds invalid will be so again, and may not hold up the others.
        const isSettled = request.status === 204 || request.status === 422;
        if (isSettled) keys.forEach((key) => this.settle(key));
        return isSettled;
      });
    }

    settle(key) {
      this.pending.delete(key);
      if (this.settled.size >= MAX_SETTLED) this.settled.clear();
      this.settled.add(key);
    }
  }

  screen.Acknowledgements = Acknowledgements;
})(window.gongshiScreen);
