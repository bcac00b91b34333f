import { describe, expect, it } from "vitest";
import type { Session } from "../../../src/sandbox/mysql/port.js";
import { createMysqlServer } from "../../../src/sandbox/mysql/server.js";

const one = (session: Session, sql: string) => session.execute(sql).rows[0]?.[0]?.toString("utf8") ?? null;

describe("CONVERT_TZ", () => {
  it.each([
    ["'2006-01-02 15:04:05', 'US/Pacific', 'UTC'", "2006-01-02 23:04:05"],
    ["'2006-07-02 15:04:05', 'America/New_York', 'Asia/Kolkata'", "2006-07-03 00:34:05"],
    ["'2006-01-02 15:04:05', '+05:30', '-01:00'", "2006-01-02 08:34:05"],
    ["'2006-01-02 15:04:05', 'SYSTEM', '+01:00'", "2006-01-02 16:04:05"],
    ["'2006-01-02 15:04:05', 'Mars/Olympus', 'UTC'", null],
    ["'2006-01-02 15:04:05', '+14:01', 'UTC'", null],
    ["'0000-00-00 00:00:00', 'US/Pacific', 'UTC'", null],
    ["null, 'US/Pacific', 'UTC'", null],
    // A clock that skips an hour: its missing times are the moment of the change.
    ["'2020-03-08 02:30:00', 'America/New_York', 'UTC'", "2020-03-08 07:00:00"],
    ["'2005-03-27 02:15:00', 'Europe/Berlin', 'UTC'", "2005-03-27 01:00:00"],
    // What TIMESTAMP can't hold is left alone.
    ["'1950-01-02 15:04:05', 'US/Pacific', 'UTC'", "1950-01-02 15:04:05"],
    ["'9999-12-31 23:59:59', 'US/Pacific', 'UTC'", "9999-12-31 23:59:59"],
    ["'2050-06-01 00:00:00', 'US/Pacific', 'UTC'", "2050-06-01 07:00:00"],
  ])("(%s) is %s", async (args, expected) => {
    const mysql = await createMysqlServer();
    expect(one(mysql.session(), `select convert_tz(${args})`)).toBe(expected);
    mysql.close();
  });

  it("knows no name, UTC included, where the time zone tables weren't loaded", async () => {
    const mysql = await createMysqlServer({ timeZoneTables: false });
    const session = mysql.session();
    expect(one(session, "select convert_tz('2006-01-02 15:04:05', 'US/Pacific', 'UTC')")).toBeNull();
    expect(one(session, "select convert_tz('2006-01-02 15:04:05', '-08:00', 'UTC')")).toBeNull();
    expect(one(session, "select convert_tz('2006-01-02 15:04:05', '-08:00', '+00:00')")).toBe("2006-01-02 23:04:05");
    expect(() => session.execute("set time_zone = 'UTC'")).toThrow("Unknown or incorrect time zone: 'UTC'");
    session.execute("set time_zone = '+00:00'");
    mysql.close();
  });
});
