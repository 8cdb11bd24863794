// What was scanned in a session, in order, and what each scan comes to against the list. Entries are
// {id, code, out, at, leg, place, first, undone, undoneBy, who, sent, refused}; `out` is WAIT while there is no list to ask.

/** The entries of a session and their counts. */
export class Book {
  list = null; entries = []; done = 0; aside = 0;
  /** Whether the list is as fresh as it will be: only then "not on the list" is an answer. */
  settled = false;
  #byId = new Map();
  #undone = new Map();

  get(id) { return this.#byId.get(id); }
  get all() { return this.list?.legs.length ?? 0; }

  /** What a code comes to now. */
  judge(code) {
    const leg = this.list?.leg(code);
    if (leg?.entry) return { out: "AGAIN", leg, first: leg.entry.at };
    if (leg) return { out: "OK", leg };
    if (!this.list || !this.settled) return { out: "WAIT" };
    const place = this.list.place(code);
    return place ? { out: "WRONG", place } : { out: "NOT" };
  }

  /** Adds an entry that was made now. */
  take(entry) {
    this.entries.push(entry);
    this.#byId.set(entry.id, entry);
    this.#count(entry);
    return entry;
  }

  #count(entry) {
    if (entry.undone || entry.refused) return;
    if (entry.out === "OK" && entry.leg) { entry.leg.entry = entry; this.done += 1; }
    if (entry.out === "NOT" || entry.out === "WRONG") this.aside += 1;
  }

  /** Takes an entry out of the counts; it stays in the book. */
  #uncount(entry) {
    if (entry.undone || entry.refused) return;
    if (entry.out === "OK" && entry.leg?.entry === entry) { entry.leg.entry = null; this.done -= 1; }
    if (entry.out === "NOT" || entry.out === "WRONG") this.aside -= 1;
  }

  /** Takes a scan back: it stays, struck out. */
  withdraw(entry, by) {
    this.#uncount(entry);
    entry.undone = true;
    if (by) entry.undoneBy = by;
  }

  /** Taking it back was refused: it stands again. */
  reinstate(entry) {
    entry.undone = false;
    this.#undone.delete(entry.id);
    this.#count(entry);
  }

  /** The server did not take it: it counts for nothing until it is tried again. */
  refuse(entry, why) {
    this.#uncount(entry);
    entry.refused = why;
  }

  /** The server knows better what a scan comes to. */
  mend(entry, found) {
    this.#uncount(entry);
    Object.assign(entry, found, { refused: undefined, leg: entry.leg ?? this.list?.leg(entry.code) });
    this.#count(entry);
  }

  #add(rows) {
    for (const row of rows) {
      const known = this.#byId.get(row.id);
      if (row.out === "UNDO") this.#undone.set(row.undoes, row.who);
      else if (known) { if (row.sent) Object.assign(known, { sent: true, refused: undefined }); } else {
        this.entries.push(row);
        this.#byId.set(row.id, row);
      }
    }
    // What takes a scan back may have come before the scan itself: one from this device, the other with the list.
    for (const [id, undoneBy] of this.#undone) {
      const entry = this.#byId.get(id);
      if (entry && !entry.undone) Object.assign(entry, { undone: true, undoneBy });
    }
    this.entries.sort((a, b) => a.at - b.at);
  }

  /** Adds what this device knows of a session. */
  merge(rows) {
    this.#add(rows);
    return this.recount();
  }

  /** Takes a list into use with the scans it tells of, or says that the one in use has the last word; returns what is answered now. */
  use(list, settled) {
    if (list) {
      this.list = list;
      this.#add(list.scans);
    }
    this.settled ||= settled;
    return this.recount();
  }

  /** Counts anew from the entries; returns those that waited and are answered now. */
  recount() {
    const answered = [];
    this.done = this.aside = 0;
    for (const leg of this.list?.legs ?? []) leg.entry = null;
    for (const entry of this.entries) {
      entry.leg = this.list?.leg(entry.code);
      if (entry.out === "WAIT") {
        Object.assign(entry, this.judge(entry.code));
        if (entry.out !== "WAIT") answered.push(entry);
      } else if (entry.out === "OK" && entry.leg?.entry && !entry.undone) entry.out = "AGAIN";
      if (entry.out === "WRONG") entry.place ??= this.list?.place(entry.code);
      this.#count(entry);
    }
    return answered;
  }

  /** The newest entry that stands. */
  lastStanding() { return this.entries.findLast((entry) => !entry.undone && !entry.refused); }
}
