/** Runs what it is given one after the other, in the order in which it was given; a failure holds up nothing. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(body: () => Promise<T>): Promise<T> {
    const result = this.#last.then(body);
    this.#last = result.catch(() => {});
    return result;
  }
}
