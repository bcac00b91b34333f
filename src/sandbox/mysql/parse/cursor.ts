import { SqlSyntaxError, type Token, tokenize } from "./tokens.js";

/**
 * Words that MySQL 8.4 never takes as a bare identifier (manual, "Keywords and Reserved Words"), as far
 * as they can stand where an identifier could: those decide where an alias or a name ends.
 */
const RESERVED = new Set(
  (
    "ADD ALL ALTER ANALYZE AND AS ASC BEFORE BETWEEN BIGINT BINARY BLOB BOTH BY CALL CASCADE CASE CHANGE CHAR CHARACTER " +
    "CHECK COLLATE COLUMN CONDITION CONSTRAINT CONTINUE CONVERT CREATE CROSS CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP " +
    "CURRENT_USER CURSOR DATABASE DATABASES DAY_HOUR DECIMAL DECLARE DEFAULT DELAYED DELETE DESC DESCRIBE DISTINCT " +
    "DISTINCTROW DIV DOUBLE DROP DUAL ELSE ELSEIF ENCLOSED ESCAPED EXCEPT EXISTS EXPLAIN FALSE FETCH FLOAT FOR FORCE " +
    "FOREIGN FROM FULLTEXT GENERATED GRANT GROUP GROUPING HAVING HIGH_PRIORITY IF IGNORE IN INDEX INFILE INNER INSERT INT " +
    "INTEGER INTERSECT INTERVAL INTO IS JOIN KEY KEYS KILL LATERAL LEADING LEFT LIKE LIMIT LINES LOAD LOCALTIME " +
    "LOCALTIMESTAMP LOCK LONGBLOB LONGTEXT LOW_PRIORITY MATCH MEDIUMBLOB MEDIUMINT MEDIUMTEXT MOD NATURAL NOT NULL NUMERIC " +
    "ON OPTIMIZE OR ORDER OUTER OVER PARTITION PRECISION PRIMARY PROCEDURE PURGE RANGE READ REAL REFERENCES REGEXP RELEASE " +
    "RENAME REPEAT REPLACE REQUIRE RESTRICT RETURN REVOKE RIGHT RLIKE ROW ROWS SCHEMA SCHEMAS SELECT SEPARATOR SET SHOW " +
    "SMALLINT SPATIAL SQL STARTING STORED STRAIGHT_JOIN TABLE TERMINATED THEN TINYBLOB TINYINT TINYTEXT TO TRAILING TRIGGER " +
    "TRUE UNION UNIQUE UNLOCK UNSIGNED UPDATE USAGE USE USING UTC_DATE UTC_TIME UTC_TIMESTAMP VALUES VARBINARY VARCHAR " +
    "VIRTUAL WHEN WHERE WHILE WINDOW WITH WRITE XOR ZEROFILL"
  ).split(" "),
);

/** Walks a statement's tokens. Every `expect` throws MySQL's 1064 at the token that doesn't fit. */
export class Cursor {
  readonly tokens: Token[];
  position = 0;

  constructor(readonly sql: string) {
    this.tokens = tokenize(sql);
  }

  get current(): Token {
    return this.peek(0);
  }

  peek(ahead: number): Token {
    const last = this.tokens[this.tokens.length - 1] as Token;
    return this.tokens[this.position + ahead] ?? last;
  }

  next(): Token {
    const token = this.current;
    this.position++;
    return token;
  }

  /** End of the last token taken. */
  get previousEnd(): number {
    return this.tokens[this.position - 1]?.end ?? 0;
  }

  raw(token: Token): string {
    return token.kind === "word" ? this.sql.slice(token.start, token.end) : token.text;
  }

  textBetween(start: number, end: number): string {
    return this.sql.slice(start, end);
  }

  isWord(...words: string[]): boolean {
    return this.current.kind === "word" && words.includes(this.current.text);
  }

  /** Do the next tokens read so? */
  isWords(...words: string[]): boolean {
    return words.every((word, i) => this.peek(i).kind === "word" && this.peek(i).text === word);
  }

  isSymbol(symbol: string): boolean {
    return this.current.kind === "symbol" && this.current.text === symbol;
  }

  acceptWord(...words: string[]): string | undefined {
    if (!this.isWord(...words)) return undefined;
    return this.next().text;
  }

  acceptWords(...words: string[]): boolean {
    if (!this.isWords(...words)) return false;
    this.position += words.length;
    return true;
  }

  acceptSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.position++;
    return true;
  }

  expectWord(...words: string[]): string {
    return this.acceptWord(...words) ?? this.fail();
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) this.fail();
  }

  get isIdentifier(): boolean {
    const { kind, text } = this.current;
    return kind === "name" || (kind === "word" && !RESERVED.has(text) && !/^\d+$/.test(text));
  }

  identifier(): string {
    return this.isIdentifier ? this.raw(this.next()) : this.fail();
  }

  /** Behind a dot any word is a name. */
  identifierAfterDot(): string {
    if (this.current.kind !== "name" && this.current.kind !== "word") this.fail();
    return this.raw(this.next());
  }

  string(): string {
    return this.current.kind === "string" ? this.next().text : this.fail();
  }

  /** An identifier or a string: names of character sets, collations, engines and aliases. */
  nameOrString(): string {
    if (this.current.kind === "string") return this.next().text;
    if (this.isWord("BINARY")) return this.raw(this.next());
    return this.identifier();
  }

  integer(): number {
    const token = this.current;
    if (token.kind !== "number" || !/^\d+$/.test(token.text)) this.fail();
    return Number(this.next().text);
  }

  get atEnd(): boolean {
    return this.current.kind === "end" || this.isSymbol(";");
  }

  expectEnd(): void {
    while (this.acceptSymbol(";"));
    if (this.current.kind !== "end") this.fail();
  }

  fail(): never {
    throw new SqlSyntaxError(this.sql, this.current.start);
  }

  /** `item, item, ...` */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.acceptSymbol(",")) items.push(item());
    return items;
  }

  /** `(item, item, ...)` */
  parenthesised<T>(item: () => T): T[] {
    this.expectSymbol("(");
    const items = this.list(item);
    this.expectSymbol(")");
    return items;
  }
}
