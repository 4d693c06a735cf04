// Bodies that were used most recently, so many of them; the one that was used least recently leaves first.
export class Recent {
  #countMax;
  #bodies = new Map();

  constructor(countMax) {
    this.#countMax = countMax;
  }

  /** A Map keeps the order in which its keys were set. */
  get(key) {
    const body = this.#bodies.get(key);
    if (body !== undefined) this.#place(key, body);
    return body;
  }

  set(key, body) {
    this.#place(key, body);
    if (this.#bodies.size > this.#countMax) this.#bodies.delete(this.#bodies.keys().next().value);
  }

  #place(key, body) {
    this.#bodies.delete(key);
    this.#bodies.set(key, body);
  }
}
