// The lease of a display screen, measured by elapsed time: no clock of the player is believed. ES2015 without modules, for
// players with engines of 2017; the four screen_*.js share one namespace.
"use strict";

window.gongshiScreen = window.gongshiScreen || {};

(function (screen) {
  // A wall clock that runs ahead of the monotonic one by more than this: the player slept, or its clock was set.
  const STANDBY_MS = 2000;

  // Milliseconds since the page was requested. The monotonic clock may stand still in standby; then the wall clock counts.
  class ElapsedClock {
    constructor() {
      this.elapsed = performance.now();
      this.monotonic = this.elapsed;
      this.wall = Date.now();
    }

    now() {
      const monotonic = performance.now();
      const wall = Date.now();
      const running = Math.max(0, monotonic - this.monotonic);
      const passed = wall - this.wall;
      this.elapsed += passed - running > STANDBY_MS ? passed : running;
      this.monotonic = monotonic;
      this.wall = wall;
      return this.elapsed;
    }
  }

  // What the server permits: to show what it sent, for `seconds` from the moment at which it was asked.
  class Lease {
    constructor() {
      this.token = "";
      this.expiresAt = -Infinity;
      // Server time minus elapsed time, never too small: an answer's time minus the moment of its request.
      this.serverOffset = 0;
    }

    // Take over the lease of an answer to a request that was sent at `askedAt`.
    renew(lease, askedAt) {
      this.token = lease.token;
      this.serverOffset = Date.parse(lease.now) - askedAt;
      this.expiresAt = Math.max(this.expiresAt, askedAt + lease.seconds * 1000);
    }

    // Take over a lease event and return when it was issued: a proxy may have held it back.
    renewFromEvent(lease, receivedAt) {
      const issuedAt = Math.min(receivedAt, Date.parse(lease.now) - this.serverOffset);
      const expiresAt = issuedAt + lease.seconds * 1000;
      if (expiresAt > this.expiresAt) {
        this.token = lease.token;
        this.expiresAt = expiresAt;
      }
      return issuedAt;
    }

    hasExpired(now) {
      return now > this.expiresAt;
    }

    serverTime(now) {
      return new Date(this.serverOffset + now);
    }
  }

  screen.ElapsedClock = ElapsedClock;
  screen.Lease = Lease;
})(window.gongshiScreen);
