import assert from 'node:assert/strict'
import { test } from 'node:test'
import { npm } from '../formats/npm/format.ts'
import { packageFromInput, versionFromInput } from './name-rules.ts'
import type { FormatId } from './names.ts'
import type { RegistryParts } from './parts.ts'

const noneServed: Pick<RegistryParts, 'formats'> = { formats: new Map() }

function parse(format: FormatId, namespace: string | undefined, name: string): string {
  const parsed = packageFromInput(noneServed, format, namespace, name)
  return `${parsed.format}/${parsed.namespace}/${parsed.name}`
}

const names: readonly [FormatId, string | undefined, string, string][] = [
  ['npm', undefined, 'AsyncStorage', 'npm//AsyncStorage'],
  ['npm', 'types', 'node', 'npm/types/node'],
  ['maven', 'org.Acme', 'Core', 'maven/org.Acme/Core'],
  ['pypi', undefined, 'Py_Hamcrest..x', 'pypi//py-hamcrest-x'],
  ['nuget', undefined, 'Newtonsoft.Json', 'nuget//newtonsoft.json'],
  ['swift', 'MyScope', 'MyPackage', 'swift/myscope/mypackage'],
  ['generic', 'tools', 'Lib', 'generic/tools/Lib'],
  ['ruby', undefined, 'rails', 'ruby//rails'],
  ['cargo', undefined, 'serde_json', 'cargo//serde_json'],
  ['cargo', undefined, 'Inflector', 'cargo//inflector'],
]
for (const [format, namespace, name, expected] of names) {
  test(`${format} takes ${namespace ?? 'no namespace'} and ${name} for ${expected}`, () => {
    assert.equal(parse(format, namespace, name), expected)
  })
}

test('a namespace that is missing or too much is refused for what it is', () => {
  for (const format of ['maven', 'generic', 'swift'] as const) {
    assert.throws(() => parse(format, undefined, 'x'), { kind: 'invalid', message: /namespace is required/ })
  }
  for (const format of ['pypi', 'nuget', 'ruby', 'cargo'] as const) {
    assert.throws(() => parse(format, 'ns', 'x'), { kind: 'invalid', message: /must not be given/ })
  }
})

test('a version that the format could not have is kept as it is, and will not be found', () => {
  assert.equal(versionFromInput({ formats: new Map([['npm', npm]]) }, 'npm', 'not-a-version'), 'not-a-version')
  assert.equal(versionFromInput(noneServed, 'maven', '1.0-SNAPSHOT'), '1.0-SNAPSHOT')
  assert.throws(() => versionFromInput(noneServed, 'npm', 'a/b'), { kind: 'invalid' })
})
