import { syntaxError } from "./errors.js";
import type { Token } from "./tokens.js";

/** Walks a statement's tokens for a recursive-descent grammar. Words match without regard to case. */
export class TokenReader {
  #at = 0;

  constructor(
    readonly sql: string,
    readonly tokens: readonly Token[],
  ) {}

  peek(): Token | undefined {
    return this.tokens[this.#at];
  }

  /** Skips the given words when they come next, all of them in this order. */
  accept(...words: string[]): boolean {
    const found = words.every((word, i) => {
      const token = this.tokens[this.#at + i];
      const plain = token?.kind === "word" || token?.kind === "symbol";
      return plain && token.value.toLowerCase() === word;
    });
    if (found) this.#at += words.length;
    return found;
  }

  acceptOneOf(...words: string[]): string | undefined {
    return words.find((word) => this.accept(word));
  }

  next(): Token {
    const token = this.tokens[this.#at];
    if (token === undefined) throw this.unexpected();
    this.#at += 1;
    return token;
  }

  identifier(): string {
    const token = this.peek();
    if (token?.kind !== "word" && token?.kind !== "quoted") throw this.unexpected();
    return this.next().value;
  }

  /** "name" or "qualifier.name". */
  qualifiedName(): { qualifier: string; name: string } {
    const first = this.identifier();
    if (!this.accept(".")) return { qualifier: "", name: first };
    return { qualifier: first, name: this.identifier() };
  }

  atEnd(): boolean {
    const token = this.peek();
    return (
      token === undefined || (token.kind === "symbol" && token.value === ";" && this.#at === this.tokens.length - 1)
    );
  }

  expectEnd(): void {
    if (!this.atEnd()) throw this.unexpected();
  }

  /** Vitess's words for it: "syntax error at position 8 near 'x'". */
  unexpected(): Error {
    const token = this.peek();
    if (token === undefined) return syntaxError(`syntax error at position ${this.sql.length + 1}`);
    return syntaxError(`syntax error at position ${token.start + 1} near '${token.value.slice(0, 60)}'`);
  }
}
