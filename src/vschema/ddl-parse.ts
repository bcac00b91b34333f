import { UsageError } from "../errors.js";

export interface VindexSpec {
  name: string;
  /** Undefined: the vindex must exist already. */
  type: string | undefined;
  params: Record<string, string>;
  owner: string;
}

/** `keyspace` is set when a table was written with one. */
export type VSchemaStatement = { keyspace?: string } & (
  | { action: "add table" | "drop table" | "add sequence" | "drop sequence" | "drop vindex"; name: string }
  | ({ action: "create vindex" } & VindexSpec)
  | { action: "add column vindex"; table: string; vindex: VindexSpec; columns: string[] }
  | { action: "drop column vindex"; table: string; name: string }
  | { action: "add auto_increment"; table: string; column: string; sequence: string }
  | { action: "drop auto_increment"; table: string }
);

/**
 * Parses one `alter vschema ...` statement (Vitess v22.0.3, go/vt/sqlparser/sql.y, alter_statement); comments
 * are passed over. UsageError "error parsing vschema statement `<sql>`: ..." for anything else: with the position,
 * or, as statements of other kinds aren't parsed, "not a ddl statement".
 */
export function parseVSchemaDdl(sql: string): VSchemaStatement {
  return new Parser(sql).statement();
}

/** What a statement of another kind begins with; `alter` does when no `vschema` follows. */
const OTHER_STATEMENTS = new Set(
  "alter analyze begin call commit create delete describe drop explain flush grant insert kill load lock optimize rename repair replace rollback savepoint select set show start table truncate unlock update use values with".split(
    " ",
  ),
);

/** Blanks in the place of comments, which are slash-star, and from -- or # to the end of the line. */
function withoutComments(sql: string): string {
  const quotedOrComment = /(`[^`]*`|'(?:[^'\\]|\\.)*')|\/\*.*?\*\/|--(?=\s|$)[^\n]*|#[^\n]*/gs;
  return sql.replace(quotedOrComment, (found, quoted: string | undefined) => quoted ?? " ".repeat(found.length));
}

interface Token {
  text: string;
  /** Offset of the character behind it. */
  at: number;
  quoted: boolean;
}

/** Not a punctuation mark. */
function isWord(token: Token): boolean {
  return token.quoted || /^[\w$@/:-]+$/.test(token.text);
}

class Parser {
  private readonly tokens: Token[] = [];
  private next = 0;

  constructor(private readonly sql: string) {
    const token = /\s*(?:`((?:[^`]|``)*)`|'((?:[^'\\]|\\.|'')*)'|([\w$@/:-]+)|(.))/gsy;
    const text = withoutComments(sql);
    for (let match = token.exec(text); match !== null; match = token.exec(text)) {
      const [, identifier, literal, word, mark] = match;
      const at = match.index + match[0].length;
      if (identifier !== undefined) this.tokens.push({ text: identifier.replaceAll("``", "`"), at, quoted: true });
      else if (literal !== undefined) this.tokens.push({ text: unquote(literal), at, quoted: true });
      else if (word !== undefined || mark?.trim()) this.tokens.push({ text: word ?? mark ?? "", at, quoted: false });
    }
  }

  statement(): VSchemaStatement {
    this.refuseOtherStatements();
    this.expect("alter");
    this.expect("vschema");
    const statement = this.accept("on") ? this.onTable() : this.onKeyspace();
    const ended = this.accept(";");
    if (this.next < this.tokens.length) throw ended ? this.refusal("Expected a single statement") : this.syntaxError();
    return statement;
  }

  private refuseOtherStatements(): void {
    const [first, second] = this.tokens.map(({ text, quoted }) => (quoted ? "" : text.toLowerCase()));
    if (first === "alter" && (second === undefined || second === "vschema")) return;
    if (OTHER_STATEMENTS.has(first ?? "")) throw this.refusal("not a ddl statement");
  }

  private onKeyspace(): VSchemaStatement {
    if (this.accept("create")) {
      this.expect("vindex");
      const { keyspace, name } = this.qualified();
      return { action: "create vindex", ...keyspace, ...this.vindexSpec(name) };
    }
    const verb = this.accept("add") ? "add" : this.accept("drop") ? "drop" : undefined;
    if (verb === undefined) throw this.syntaxError();
    const isVindex = verb === "drop" && this.accept("vindex");
    const kind = isVindex
      ? "vindex"
      : this.accept("table")
        ? "table"
        : this.accept("sequence")
          ? "sequence"
          : undefined;
    if (kind === undefined) throw this.syntaxError();
    const { keyspace, name } = this.qualified();
    if (kind === "vindex") return { action: "drop vindex", ...keyspace, name };
    return { action: `${verb} ${kind}` as const, ...keyspace, name };
  }

  private onTable(): VSchemaStatement {
    const { keyspace, name: table } = this.qualified();
    if (this.accept("drop")) {
      if (this.accept("auto_increment")) return { action: "drop auto_increment", ...keyspace, table };
      this.expect("vindex");
      return { action: "drop column vindex", ...keyspace, table, name: this.identifier() };
    }
    this.expect("add");
    if (this.accept("auto_increment")) {
      const column = this.identifier();
      this.expect("using");
      return { action: "add auto_increment", ...keyspace, table, column, sequence: this.tableText() };
    }
    this.expect("vindex");
    const name = this.identifier();
    this.expect("(");
    const columns = [this.identifier()];
    while (this.accept(",")) columns.push(this.identifier());
    this.expect(")");
    return { action: "add column vindex", ...keyspace, table, columns, vindex: this.vindexSpec(name) };
  }

  /** [using <type>] [with <param>=<value>, ...]; the parameter `owner` is the owner. */
  private vindexSpec(name: string): VindexSpec {
    const spec: VindexSpec = { name, type: undefined, params: {}, owner: "" };
    if (this.accept("using")) spec.type = this.identifier();
    if (!this.accept("with")) return spec;
    do {
      const key = this.identifier();
      this.expect("=");
      const value = this.tableText();
      if (key.toLowerCase() === "owner") spec.owner = value;
      else spec.params[key] = value;
    } while (this.accept(","));
    return spec;
  }

  private qualified(): { keyspace: { keyspace?: string }; name: string } {
    const first = this.identifier();
    if (!this.accept(".")) return { keyspace: {}, name: first };
    return { keyspace: { keyspace: first }, name: this.identifier() };
  }

  /** A name, or two with a dot between them, as one text. */
  private tableText(): string {
    const { keyspace, name } = this.qualified();
    return keyspace.keyspace === undefined ? name : `${keyspace.keyspace}.${name}`;
  }

  private identifier(): string {
    const token = this.tokens[this.next];
    if (token === undefined || !isWord(token)) throw this.syntaxError();
    this.next++;
    return token.text;
  }

  private accept(word: string): boolean {
    const token = this.tokens[this.next];
    if (token === undefined || token.quoted || token.text.toLowerCase() !== word) return false;
    this.next++;
    return true;
  }

  private expect(word: string): void {
    if (!this.accept(word)) throw this.syntaxError();
  }

  private syntaxError(): UsageError {
    const token = this.tokens[this.next];
    const position = token === undefined ? this.sql.length + 1 : token.at + 1;
    const near = token !== undefined && isWord(token) ? ` near '${token.text}'` : "";
    return this.refusal(`syntax error at position ${position}${near}`);
  }

  private refusal(problem: string): UsageError {
    return new UsageError(`error parsing vschema statement \`${this.sql}\`: ${problem}`, {
      hint: "Statements: alter vschema {add|drop} {table|sequence} t; {create|drop} vindex v; on t {add|drop} vindex v.",
    });
  }
}

function unquote(literal: string): string {
  return literal.replace(/\\(.)|''/gs, (_, char: string | undefined) => char ?? "'");
}
