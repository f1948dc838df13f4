import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TargetSettings } from '../../journal/bus/targets.ts'
import { parseTargetInput, TargetInputError } from './target-input.ts'

const context = {
  ruleArn: 'arn:aws:events:us-east-1:111122223333:rule/builds',
  ruleName: 'builds',
  receivedAt: Date.UTC(2026, 0, 31),
}
const event = {
  source: 'aws.codeartifact',
  resources: ['arn:1', 'arn:2'],
  detail: { packageName: 'say "hi"\n', sequenceNumber: 7, packageNamespace: null, changes: { assetsAdded: 1 } },
}

function transformed(InputTemplate: string, InputPathsMap: Readonly<Record<string, string>> = {}): TargetSettings {
  return { InputTransformer: { InputTemplate, InputPathsMap } }
}

const paths = {
  name: '$.detail.packageName',
  number: '$.detail.sequenceNumber',
  none: '$.detail.absent',
  nothing: '$.detail.packageNamespace',
  changes: '$.detail.changes',
  second: '$.resources[1]',
  quoted: "$['detail']['packageName']",
}

/** Source of what is expected: EventBridge User Guide, "Amazon EventBridge input transformation". */
const cases: readonly (readonly [name: string, settings: TargetSettings, expected: unknown])[] = [
  ['all of it', {}, event],
  ['something constant', { Input: '{"a": 1}' }, { a: 1 }],
  ['a part', { InputPath: '$.detail.changes' }, { assetsAdded: 1 }],
  ['an element of a list', { InputPath: '$.resources[0]' }, 'arn:1'],
  ['a part that is not there', { InputPath: '$.absent.deeper' }, null],
  ['text inside quotes, escaped', transformed('{"text": "<name>!"}', paths), { text: 'say "hi"\n!' }],
  ['text outside quotes', transformed('{"text": <quoted>}', paths), { text: 'say "hi"\n' }],
  ['a number in and out of quotes', transformed('["<number>", <number>]', paths), ['7', 7]],
  [
    'an object in and out of quotes',
    transformed('[<changes>, "<changes>"]', paths),
    [{ assetsAdded: 1 }, '{"assetsAdded":1}'],
  ],
  ['nothing in and out of quotes', transformed('[<none>, "<none>", <nothing>]', paths), [null, '', null]],
  ['an element', transformed('{"arn": <second>}', paths), { arn: 'arn:2' }],
  ['no more than a text', transformed('"<name> of <aws.events.rule-name>"', paths), 'say "hi"\n of builds'],
  [
    'what is predefined',
    transformed('[<aws.events.rule-arn>, <aws.events.event.ingestion-time>, <aws.events.event>]'),
    [context.ruleArn, '2026-01-31T00:00:00.000Z', event],
  ],
  ['an escaped quote before a placeholder', transformed('{"text": "\\"<number>\\""}', paths), { text: '"7"' }],
]

for (const [name, settings, expected] of cases) {
  test(`a target is sent ${name}`, () => {
    assert.deepEqual(JSON.parse(parseTargetInput(settings)(JSON.stringify(event), context)), expected)
  })
}

test('a template of several lines sends several lines', () => {
  const text = parseTargetInput(transformed('"one <number>"\n"two <number>"', paths))(JSON.stringify(event), context)
  assert.equal(text, '"one 7"\n"two 7"')
})

test('a value is inserted as it is, whatever stands in it', () => {
  const hostile = { detail: { packageName: '<number>$&$1"}' } }
  const text = parseTargetInput(transformed('{"a": "<name>"}', paths))(JSON.stringify(hostile), context)
  assert.deepEqual(JSON.parse(text), { a: '<number>$&$1"}' })
})

const mistakes: readonly (readonly [settings: TargetSettings, message: RegExp])[] = [
  [{ Input: '{' }, /Input '\{' must be JSON/],
  [{ Input: '1', InputPath: '$' }, /Only one of/],
  [{ InputPath: 'detail' }, /InputPath 'detail' must be a path/],
  [{ InputPath: '$.detail[x]' }, /InputPath '\$\.detail\[x\]' must be a path/],
  [transformed('{"a": <b>}'), /names <b>, which InputPathsMap does not define/],
  [transformed('{"a": <b>}', { b: 'no path' }), /InputPathsMap\.b 'no path' must be a path/],
  [transformed('{"a": '), /InputTemplate must be JSON/],
  [
    transformed('1', Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`p${at}`, '$']))),
    /more than 100 members/,
  ],
]

for (const [settings, message] of mistakes) {
  test(`${JSON.stringify(settings).slice(0, 70)} is refused`, () => {
    assert.throws(
      () => parseTargetInput(settings),
      (error) => error instanceof TargetInputError && message.test(error.message),
    )
  })
}

test('a long template and a long path take no time to speak of', () => {
  const startedAt = performance.now()
  const template = `"${'\\"<name>'.repeat(1000)}"`
  const text = parseTargetInput(transformed(template, paths))(JSON.stringify(event), context)
  assert.ok(text.length > 10_000)
  assert.throws(() => parseTargetInput({ InputPath: `$${'.a'.repeat(50_000)}!` }), TargetInputError)
  assert.ok(performance.now() - startedAt < 2000)
})
