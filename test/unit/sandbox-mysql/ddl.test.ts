import { expect, test } from "vitest";
import { start } from "./helpers.js";

/** As a real MySQL 8 prints them: each text creates a table that prints the same text. */
const canonical = [
  `CREATE TABLE \`all types\` (
  \`id\` bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s \\\\ the key',
  \`ti\` tinyint(1) NOT NULL DEFAULT '0',
  \`si\` smallint unsigned DEFAULT '5',
  \`mi\` mediumint DEFAULT '-3',
  \`zf\` int(8) unsigned zerofill DEFAULT '00000007',
  \`de\` decimal(20,4) NOT NULL DEFAULT '1.5000',
  \`fl\` float DEFAULT NULL,
  \`do\` double(10,2) DEFAULT '1.50',
  \`bi\` bit(5) DEFAULT b'101',
  \`ch\` char(3) DEFAULT 'a b',
  \`vc\` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  \`la\` varchar(10) CHARACTER SET latin1 DEFAULT NULL,
  \`tx\` text,
  \`mt\` mediumtext NOT NULL,
  \`bn\` binary(16) DEFAULT NULL,
  \`vb\` varbinary(128) DEFAULT NULL,
  \`lb\` longblob,
  \`da\` date DEFAULT '2020-01-01',
  \`dt\` datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  \`ts\` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  \`tn\` timestamp NULL DEFAULT NULL,
  \`tm\` time(2) DEFAULT '10:00:00.00',
  \`yr\` year DEFAULT '2020',
  \`js\` json DEFAULT NULL,
  \`en\` enum('a','b''c','d,e') NOT NULL DEFAULT 'a',
  \`se\` set('x','y') DEFAULT 'x,y',
  \`gv\` bigint GENERATED ALWAYS AS ((\`id\` + 1)) VIRTUAL,
  \`gs\` varchar(70) GENERATED ALWAYS AS (concat(\`vc\`,_utf8mb4'-x')) STORED NOT NULL,
  \`ex\` json DEFAULT (json_object()),
  \`iv\` int DEFAULT NULL /*!80023 INVISIBLE */,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`u_nn\` (\`vc\`),
  UNIQUE KEY \`u\` (\`si\`,\`mi\` DESC) COMMENT 'two',
  KEY \`k\` (\`tx\`(10)),
  KEY \`func\` ((lower(\`vc\`))),
  CONSTRAINT \`ck\` CHECK ((\`de\` > 0)),
  CONSTRAINT \`cn\` CHECK ((\`si\` < 10)) /*!80016 NOT ENFORCED */
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='all of them'`,
  `CREATE TABLE \`latin\` (
  \`a\` varchar(10) NOT NULL,
  \`b\` varchar(10) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT NULL,
  \`c\` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  PRIMARY KEY (\`a\`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 ROW_FORMAT=DYNAMIC`,
  `CREATE TABLE \`child\` (
  \`id\` int NOT NULL,
  \`p\` int DEFAULT NULL,
  PRIMARY KEY (\`id\`),
  KEY \`fk_p\` (\`p\`),
  CONSTRAINT \`fk_p\` FOREIGN KEY (\`p\`) REFERENCES \`parent\` (\`id\`) ON DELETE CASCADE ON UPDATE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci`,
];

test("SHOW CREATE TABLE gives back what created the table", async () => {
  const { run, rows, server } = await start();
  run("create table parent (id int primary key)");
  for (const text of canonical) {
    run(text);
    const name = /`([^`]+)`/.exec(text)?.[1] ?? "";
    expect(server.table("db", name)?.createTable).toBe(text);
    expect(rows(`show create table \`${name}\``)).toEqual([[name, text]]);
  }
});

test("columns that inherit a collation other than their character set's show it alone", async () => {
  const { run, rows } = await start();
  run("create table t (a varchar(10), b text, c enum('x')) collate utf8mb4_bin");
  expect(rows("show create table t")[0]?.[1]).toBe(`CREATE TABLE \`t\` (
  \`a\` varchar(10) COLLATE utf8mb4_bin DEFAULT NULL,
  \`b\` text COLLATE utf8mb4_bin,
  \`c\` enum('x') COLLATE utf8mb4_bin DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`);
});

test("short spellings become MySQL's own", async () => {
  const { run, server } = await start();
  run(`create table t (id serial, a integer(11) unsigned primary key, b bool default true, c character varying(5) unique not null,
    d dec(5) default 2, e double precision, f text(100), g blob, h int default 0x10, i varchar(3) default "q", j timestamp, k nvarchar(2), l float(30), m int null)`);
  expect(server.table("db", "t")?.createTable).toBe(`CREATE TABLE \`t\` (
  \`id\` bigint unsigned NOT NULL AUTO_INCREMENT,
  \`a\` int unsigned NOT NULL,
  \`b\` tinyint(1) DEFAULT '1',
  \`c\` varchar(5) NOT NULL,
  \`d\` decimal(5,0) DEFAULT '2',
  \`e\` double DEFAULT NULL,
  \`f\` text,
  \`g\` blob,
  \`h\` int DEFAULT '16',
  \`i\` varchar(3) DEFAULT 'q',
  \`j\` timestamp NULL DEFAULT NULL,
  \`k\` varchar(2) CHARACTER SET utf8mb3 DEFAULT NULL,
  \`l\` double DEFAULT NULL,
  \`m\` int DEFAULT NULL,
  PRIMARY KEY (\`a\`),
  UNIQUE KEY \`id\` (\`id\`),
  UNIQUE KEY \`c\` (\`c\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci`);
});

test("LIKE, IF NOT EXISTS, SELECT, TRUNCATE, RENAME", async () => {
  const { run, rows, value, server } = await start();
  run("create table t (id int auto_increment primary key, a varchar(5) not null, key (a))");
  run("insert into t values (5, 'x')");
  run("create table u like t");
  expect(server.table("db", "u")?.createTable).toBe(
    server.table("db", "t")?.createTable.replace("`t`", "`u`").replace(" AUTO_INCREMENT=6", ""),
  );
  run("create table if not exists t (other int)");
  run("create table v as select id, upper(a) as big, 1.5 as d, now() as n from t");
  expect(rows("select id, big, d from v")).toEqual([["5", "X", "1.5"]]);
  expect(server.table("db", "v")?.createTable).toContain("`d` decimal(2,1) NOT NULL");
  run("truncate t");
  expect(value("select count(*) from t")).toBe("0");
  expect(run("insert into t(a) values ('y')").insertId).toBe(1n);
  run("rename table t to t2, u to t");
  expect(rows("show tables")).toEqual([["t"], ["t2"], ["v"]]);
  run("drop table t, t2");
  run("drop table if exists t, v");
  expect(rows("show tables")).toEqual([]);
});

test("ALTER TABLE changes the definition and keeps the rows", async () => {
  const { run, rows, value, server, failure } = await start();
  run("create table t (id int primary key, a varchar(10), b int)");
  run("insert into t values (1, '12', 5), (2, null, 300)");
  run(
    "alter table t add column c int not null default 9 after id, add d varchar(5) first, drop column b, add unique key ua (a)",
  );
  expect(rows("select * from t order by id")).toEqual([
    [null, "1", "9", "12"],
    [null, "2", "9", null],
  ]);
  run("alter table t modify a int, change d dd varchar(8) default 'n' after a, add index (c), rename to renamed");
  expect(rows("select * from renamed order by id")).toEqual([
    ["1", "9", "12", null],
    ["2", "9", null, null],
  ]);
  expect(server.table("db", "renamed")?.createTable).toBe(`CREATE TABLE \`renamed\` (
  \`id\` int NOT NULL,
  \`c\` int NOT NULL DEFAULT '9',
  \`a\` int DEFAULT NULL,
  \`dd\` varchar(8) DEFAULT 'n',
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`ua\` (\`a\`),
  KEY \`c\` (\`c\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci`);
  expect(failure("alter table renamed modify c tinyint unsigned not null, add unique (c)")).toContain(
    "1062 23000 Duplicate entry '9'",
  );
  expect(value("select count(*) from renamed")).toBe("2");
  run(
    "alter table renamed drop primary key, drop key ua, add primary key (c, id), alter column dd set default 'q', auto_increment = 50, comment = 'x'",
  );
  run("insert into renamed (id, c) values (3, 1)");
  expect(rows("select id, dd from renamed order by c, id")).toEqual([
    ["3", "q"],
    ["1", null],
    ["2", null],
  ]);
  run("alter table renamed rename column dd to ee, rename index c to kc");
  expect(value("select ee from renamed where id = 3")).toBe("q");
  run("create index more on renamed (a, ee)");
  run("drop index kc on renamed");
  expect(rows("show index from renamed").map((row) => row[2])).toEqual(["PRIMARY", "PRIMARY", "more", "more"]);
  run("alter table renamed convert to character set utf8mb4 collate utf8mb4_bin");
  expect(server.table("db", "renamed")?.createTable).toContain("`ee` varchar(8) COLLATE utf8mb4_bin DEFAULT 'q'");
  run("alter table renamed modify id int not null auto_increment, add key (id)");
  expect(run("insert into renamed (c, a) values (7, 7)").insertId).toBe(50n);
});

test("foreign keys need their parent, and keep it", async () => {
  const { run, failure } = await start();
  const child = "create table child (id int primary key, p int, foreign key (p) references parent (id))";
  expect(failure(child)).toBe("1824 HY000 Failed to open the referenced table 'parent'");
  run("set foreign_key_checks = 0");
  run(child);
  run("set foreign_key_checks = 1");
  run("create table parent (id int primary key)");
  expect(failure("drop table parent")).toBe(
    "3730 HY000 Cannot drop table 'parent' referenced by a foreign key constraint 'child_ibfk_1' on table 'child'.",
  );
  run("drop table parent, child");
});

test("databases", async () => {
  const { run, rows, session } = await start();
  run("create schema if not exists db");
  run("create database b default character set latin1");
  expect(rows("show databases like 'b'")).toEqual([["b"]]);
  expect(rows("show create database b")).toEqual([
    ["b", "CREATE DATABASE `b` /*!40100 DEFAULT CHARACTER SET latin1 */ /*!80016 DEFAULT ENCRYPTION='N' */"],
  ]);
  run("use b");
  run("create table t (a varchar(5))");
  expect(rows("show create table t")[0]?.[1]).toContain("DEFAULT CHARSET=latin1");
  run("drop database b");
  expect(rows("select database()")).toEqual([[null]]);
  expect(() => session.execute("select 1 from t")).toThrow("No database selected");
});

test("timestamps keep their moment when their column changes, whatever the session's time zone", async () => {
  const { run, rows } = await start();
  run("set sql_mode = '', time_zone = '+05:30'");
  run("create table t (s timestamp null, f timestamp(2) null)");
  run("insert into t values ('2024-07-01 12:00:00', '2024-07-01 12:00:00.25'), ('0000-00-00', null)");
  run("alter table t modify s timestamp(3) null, modify f datetime(2)");
  expect(rows("select * from t")).toEqual([
    ["2024-07-01 12:00:00.000", "2024-07-01 12:00:00.25"],
    ["0000-00-00 00:00:00.000", null],
  ]);
  run("set time_zone = '+00:00'");
  expect(rows("select s, f from t limit 1")).toEqual([["2024-07-01 06:30:00.000", "2024-07-01 12:00:00.25"]]);
});
