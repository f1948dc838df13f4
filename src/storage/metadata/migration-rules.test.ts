import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Migration, migrationsAfter } from './migrations.ts'

/** Migrations that were there when the rule came. */
const BEFORE_THE_RULE = 13

const types = { text: 'text', integer: 'bigint', blob: 'bytea', sequence: 'bigint', tableEnd: '' }

/** Why an old process could fail beside this statement; undefined when it cannot. */
function harmOf(sql: string, newTables: ReadonlySet<string>): string | undefined {
  const text = sql.trim().replaceAll(/\s+/g, ' ').toLowerCase()
  const [, table = ''] =
    /^(?:alter table|create unique index \w+ on|insert into|update|delete from) (\w+)/.exec(text) ?? []
  if (/^create (table|index) /.test(text) || newTables.has(table)) return undefined
  if (text.startsWith('create unique index ')) return 'what old processes write may be refused'
  const [, column] = /^alter table \w+ add column (\w+ .*)$/.exec(text) ?? []
  if (column === undefined) return /^(insert into|update) /.test(text) ? undefined : 'old processes may still need it'
  if (/not null/.test(column) && !/default/.test(column)) return 'old processes do not give the column'
  return undefined
}

function harmsOf({ name, statements }: Migration): string[] {
  const all = statements(types)
  const made = all.flatMap((sql) => /^\s*create table (?:if not exists )?(\w+)/i.exec(sql)?.[1]?.toLowerCase() ?? [])
  return all.flatMap((sql) => {
    const harm = harmOf(sql, new Set(made))
    return harm === undefined ? [] : [`${name}: ${sql.trim().slice(0, 80)}: ${harm}; see CONTRIBUTING.md, "Migrations"`]
  })
}

test('migrations only add, so that old processes run on beside them', () => {
  assert.deepEqual(migrationsAfter(BEFORE_THE_RULE).flatMap(harmsOf), [])
})

test('what would harm old processes is found', () => {
  const harmful = [
    'alter table packages drop column name',
    'alter table packages rename column name to title',
    'alter table packages alter column name type bigint',
    'alter table packages add column kind text not null',
    'create unique index packages_by_kind on packages (kind)',
    'drop index packages_by_name',
    'drop table packages',
    'delete from packages',
  ]
  for (const sql of harmful) assert.equal(harmsOf({ name: 'x', statements: () => [sql] }).length, 1, sql)
  const fine = [
    "alter table packages add column kind text not null default ''",
    'alter table packages add column kind text',
    'create index packages_by_kind on packages (kind)',
  ]
  for (const sql of fine) assert.deepEqual(harmsOf({ name: 'x', statements: () => [sql] }), [], sql)
  const own = ['create table kinds (id text primary key)', 'create unique index kinds_by_id on kinds (id)']
  assert.deepEqual(harmsOf({ name: 'x', statements: () => own }), [])
})
