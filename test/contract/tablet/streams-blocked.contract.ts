import { expect, test } from "vitest";
import { positionContains } from "../../../src/wire/position.js";
import type { Place } from "./place.js";
import { Stream } from "./stream.js";

/** Streams that meet a row of the target which is in their way, and the words in which they say so. */
export function streamsBlockedContract(place: () => Place): void {
  const table = async (what: string, rows: string) => {
    const name = place().name(what);
    await place().createOnBoth(`create table ${name} (id int not null, body varchar(40), primary key (id))`);
    await place().sql("source", `insert into ${name} values ${rows}`);
    return name;
  };
  const idsOf = async (name: string, condition: string) =>
    (await place().sql("target", `select id from ${name} where ${condition} order by id`)).map(({ id }) => Number(id));
  /** Of v14 and later; v11 tries for ever. */
  const failed = (stream: Stream) =>
    stream.until(({ state, message }) =>
      place().under.release < 12 ? /errno|rpc error/.test(message ?? "") : state === "Error",
    );

  test("a row in the way of the copy ends it in Error; what was copied stays, and isn't copied again", async () => {
    const name = place().name("blocked");
    await place().createOnBoth(`create table ${name} (id int not null, body mediumtext, primary key (id))`);
    // Each row is more than a packet holds, and each packet is written for itself.
    const rows = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => `(${id}, repeat('x', 260000))`);
    await place().sql("source", `insert into ${name} values ${rows.join(", ")}`);
    await place().sql("target", `insert into ${name} values (8, 'in the way')`);
    const stream = await Stream.start(place(), { tables: [name] });
    const { state, message } = await failed(stream);
    expect(state).toBe(place().since([11, "Copying"], [14, "Error"]));
    const what =
      place().since([11, ""], [22, "terminal error: "]) +
      place().since([11, ""], [16, "task error: failed inserting rows: "]);
    const key = place().isMariaDb ? "PRIMARY" : `${name}.PRIMARY`;
    const text = `${what}Duplicate entry '8' for key '${key}' (errno 1062) (sqlstate 23000) during query: insert into ${name}(id,body) values (`;
    expect(message?.slice(0, text.length)).toBe(text);

    const copied = await idsOf(name, "body <> 'in the way'");
    expect(copied).toEqual([1, 2, 3, 4, 5, 6, 7].slice(0, copied.length));
    expect(copied.length).toBeGreaterThan(0);
    const [{ lastpk = "" } = {}] = (await stream.copyState()).slice(-1);
    const described = place().since([11, "type:INT32"], [18, "type:INT32\\s+charset:63\\s+flags:53251"]);
    // Go's prototext puts one blank or two between fields, as the program was built.
    const prototext = `^fields:\\{name:"id"\\s+${described}\\}\\s+rows:\\{lengths:1\\s+values:"\\d"\\}$`;
    expect(lastpk).toMatch(new RegExp(prototext));
    expect(lastpk).toContain(`values:"${copied.at(-1)}"`);

    await place().sql("target", `delete from ${name} where id = 8; update ${name} set body = 'copied before'`);
    await stream.setState("Running");
    await stream.following();
    expect(await idsOf(name, "body = 'copied before'")).toEqual(copied);
    expect(await idsOf(name, "true")).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("a failure is told in the log, and its end, which has the same text until v18, raises the count", async () => {
    const name = await table("told", "(1, 'a')");
    await place().sql("target", `insert into ${name} values (1, 'in the way')`);
    const stream = await Stream.start(place(), { tables: [name] });
    await failed(stream);
    const [, , , ...log] = (await stream.log()).map(({ type, state, count }) => [type, state, count]);
    expect(log).toEqual(
      place().since(
        [11, [["Message", "Copying", expect.any(String)]]],
        [14, [["Message", "Copying", "2"]]],
        [
          22,
          [
            ["Message", "Copying", "1"],
            ["State Changed", "Error", "1"],
          ],
        ],
      ),
    );
  });

  test("a row in the way of what follows, too", async () => {
    const name = await table("followed", "(1, 'a')");
    const stream = await Stream.start(place(), { tables: [name] });
    await stream.following();
    await place().sql("target", `insert into ${name} values (2, 'in the way')`);
    await place().sql("source", `insert into ${name} values (2, 'b')`);
    const behind = await place().source.primaryPosition();
    const row = await failed(stream);
    expect(row.state).toBe(place().since([11, "Running"], [14, "Error"]));
    const [before, duringQuery] = place().since(
      [11, ["", ` during query: insert into ${name}(id,body) values (2,'b')`]],
      // Sent with the rest of its transaction: which statement it was isn't told.
      [22, ["terminal error: error applying event: ", ""]],
    );
    const key = place().isMariaDb ? "PRIMARY" : `${name}.PRIMARY`;
    expect(row.message).toBe(
      `${before}Duplicate entry '2' for key '${key}' (errno 1062) (sqlstate 23000)${duringQuery}`,
    );
    expect(positionContains(row.pos ?? "", behind)).toBe(false);
  });

  test("while another table is to be copied, v22 too says which table it was, and which statement", async () => {
    const [copied, missing] = [await table("copied", "(1, 'a')"), await table("missing", "(1, 'a')")];
    const stream = await Stream.start(place(), { tables: [copied, missing] });
    await stream.following();
    await stream.setState("Stopped");
    // As if it had been stopped before the second table's copy.
    const notCopied = `insert into _vt.copy_state(vrepl_id, table_name) values (${stream.id}, '${missing}')`;
    await place().sql("target", `${notCopied}; delete from ${missing}; insert into ${copied} values (2, 'in the way')`);
    await place().sql("source", `insert into ${copied} values (2, 'b')`);
    await stream.setState("Running");
    const { message = "" } = await failed(stream);
    const [, before, what] = /^(.*?)(Duplicate entry '2' .*)$/.exec(message ?? "") ?? [];
    expect(what).toMatch(new RegExp(` during query: insert into ${copied}\\(id,body\\) values \\(2,'b'\\)$`));
    const event = `error applying event for table ${copied} while processing position `;
    expect(before).toMatch(place().since([11, /^$/], [22, new RegExp(`^terminal error: ${event}\\S+: $`)]));
  });

  test("what a stream could not write is in its message as it was sent, until v21", async () => {
    const name = place().name("named");
    const columns = "id int not null, body varchar(40), `order` decimal(4,1), d date, primary key (id)";
    await place().createOnBoth(`create table ${name} (${columns})`);
    await place().create("target", `alter table ${name} add unique key (body)`);
    await place().sql("source", `insert into ${name} values (1, 'a', 1.5, '2026-01-02'), (2, 'it''s', null, null)`);
    const stream = await Stream.start(place(), { tables: [name] });
    await stream.following();
    await place().sql("source", `update ${name} set body = 'it''s', \`order\` = 2 where id = 1`);
    const { message } = await failed(stream);
    const sent = `update ${name} set body='it\\'s', \`order\`=2.0, d='2026-01-02' where id=1`;
    expect(message?.split("during query: ")[1]).toBe(place().since<string | undefined>([11, sent], [22, undefined]));
  });
}
