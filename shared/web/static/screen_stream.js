// The event stream of a display screen, and who of several windows of one browser may hold one: over HTTP/1.1 a browser has six
// connections to a host, and six open streams would leave none for pages.
"use strict";

window.gongshiScreen = window.gongshiScreen || {};

(function (screen) {
  const MAX_STREAMS = 3;
  const HEARTBEAT_MS = 2000;
  // Timers of a hidden window run once a minute.
  const PEER_TIMEOUT_MS = 150000;
  const SETTLE_MS = 1000;
  // Longer than the server's silence between two renewals of the lease, half a minute.
  const SILENCE_MS = 45000;
  const FIRST_RETRY_MS = 5000;
  const MAX_RETRY_MS = 120000;
  const EVENTS = ["released", "corrected", "withdrawn", "lease", "review", "resync", "left"];

  // The rank of this window among those of its browser, the oldest first.
  class WindowRank {
    constructor(clock) {
      this.clock = clock;
      this.startedAt = clock.now();
      this.beatAt = -Infinity;
      this.peers = new Map();
      this.self = { born: Date.now(), id: Math.random().toString(36).slice(2) };
      this.channel = null;
      if (typeof BroadcastChannel === "undefined") return;
      this.channel = new BroadcastChannel("gongshi-screens");
      this.channel.onmessage = (event) => this.receive(event.data);
      window.addEventListener("pagehide", () => this.channel.postMessage({ bye: this.self.id }));
      this.channel.postMessage({ hello: this.self });
    }

    receive(message) {
      if (message.bye) this.peers.delete(message.bye);
      const peer = message.hello || message.beat;
      if (peer) this.peers.set(peer.id, { born: peer.born, seenAt: this.clock.now() });
      if (message.hello) this.channel.postMessage({ beat: this.self });
    }

    beat() {
      const now = this.clock.now();
      if (!this.channel || now - this.beatAt < HEARTBEAT_MS) return;
      this.beatAt = now;
      this.channel.postMessage({ beat: this.self });
      this.peers.forEach((peer, id) => {
        if (now - peer.seenAt > PEER_TIMEOUT_MS) this.peers.delete(id);
      });
    }

    mayStream() {
      // Over HTTP/2 all streams share one connection.
      const entry = performance.getEntriesByType("navigation")[0];
      if (!this.channel || (entry && entry.nextHopProtocol === "h2")) return true;
      if (this.clock.now() - this.startedAt < SETTLE_MS) return false;
      const older = Array.from(this.peers).filter(([id, peer]) => this.isOlder(id, peer.born));
      return older.length < MAX_STREAMS;
    }

    isOlder(id, born) {
      return born < this.self.born || (born === this.self.born && id < this.self.id);
    }
  }

  // Follows the events while they come. A stream without a lease for longer than it may be silent is closed and opened anew later.
  class Stream {
    constructor(clock, rank, address, receive) {
      this.clock = clock;
      this.rank = rank;
      this.address = address;
      this.receive = receive;
      this.source = null;
      this.contactAt = -Infinity;
      this.openedAt = -Infinity;
      this.retryAt = 0;
      this.failures = 0;
    }

    isLive() {
      return this.source !== null && this.clock.now() - this.contactAt < SILENCE_MS;
    }

    // The lease of an event was issued at `at`.
    touch(at) {
      this.contactAt = Math.max(this.contactAt, at);
      if (this.isLive()) this.failures = 0;
    }

    check() {
      const now = this.clock.now();
      if (!this.rank.mayStream()) this.close();
      else if (!this.source && now >= this.retryAt) this.open(now);
      else if (this.source && now - Math.max(this.contactAt, this.openedAt) > SILENCE_MS) this.fail(now);
      else if (this.source && this.source.readyState === EventSource.CLOSED) this.fail(now);
    }

    open(now) {
      this.openedAt = now;
      this.source = new EventSource(this.address());
      EVENTS.forEach((name) => {
        this.source.addEventListener(name, (event) => this.receive(name, JSON.parse(event.data), Number(event.lastEventId)));
      });
    }

    close() {
      if (this.source) this.source.close();
      this.source = null;
    }

    fail(now) {
      this.close();
      this.failures += 1;
      const delay = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * Math.pow(2, this.failures - 1));
      this.retryAt = now + delay * (0.5 + Math.random() / 2);
    }
  }

  screen.WindowRank = WindowRank;
  screen.Stream = Stream;
})(window.gongshiScreen);
