import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readFacts } from './facts.ts'

test('facts are read from a manifest as the service shows them', () => {
  const facts = readFacts({
    name: '@acme/widgets',
    description: 'Round ones',
    homepage: 'https://acme.example/',
    repository: { type: 'git', url: 'git+https://git.acme.example/widgets.git' },
    license: 'MIT',
    dependencies: { a: '^1.0.0', '@x/b': '2', o: '1' },
    optionalDependencies: { o: '1' },
    peerDependencies: { p: '*' },
    devDependencies: { '@x/d': '~3' },
  })
  assert.deepEqual(facts, {
    displayName: '@acme/widgets',
    summary: 'Round ones',
    homePage: 'https://acme.example/',
    sourceCodeRepository: 'https://git.acme.example/widgets.git',
    licenses: [{ name: 'MIT' }],
    dependencies: [
      { package: 'a', dependencyType: 'regular', versionRequirement: '^1.0.0' },
      { namespace: 'x', package: 'b', dependencyType: 'regular', versionRequirement: '2' },
      { package: 'o', dependencyType: 'optional', versionRequirement: '1' },
      { package: 'p', dependencyType: 'peer', versionRequirement: '*' },
      { namespace: 'x', package: 'd', dependencyType: 'dev', versionRequirement: '~3' },
    ],
  })
})

test('licences are read in every form they ever had', () => {
  const forms: [object, object[]][] = [
    [{ license: '(MIT OR Apache-2.0)' }, [{ name: '(MIT OR Apache-2.0)' }]],
    [{ license: { type: 'BSD', url: 'https://x.example/' } }, [{ name: 'BSD', url: 'https://x.example/' }]],
    [
      { licenses: [{ type: 'MIT' }, 'ISC', { url: 'https://x.example/' }] },
      [{ name: 'MIT' }, { name: 'ISC' }, { url: 'https://x.example/' }],
    ],
    [{ license: ['MIT', 7] }, [{ name: 'MIT' }]],
    [{ license: 7 }, []],
    [{}, []],
  ]
  for (const [manifest, licenses] of forms) assert.deepEqual(readFacts(manifest).licenses, licenses)
})

test('a repository may be written short', () => {
  const forms: [unknown, string | undefined][] = [
    ['acme/widgets', 'https://github.com/acme/widgets.git'],
    ['github:acme/widgets', 'https://github.com/acme/widgets.git'],
    ['gitlab:acme/widgets', 'https://gitlab.com/acme/widgets.git'],
    ['gist:11081aaa281', 'https://gist.github.com/11081aaa281.git'],
    ['git+ssh://git@acme.example/x.git', 'ssh://git@acme.example/x.git'],
    ['https://acme.example/x', 'https://acme.example/x'],
    [{ url: '' }, undefined],
    [7, undefined],
  ]
  for (const [repository, expected] of forms) assert.equal(readFacts({ repository }).sourceCodeRepository, expected)
})

test('no document makes it throw', () => {
  fc.assert(fc.property(fc.anything(), (document) => void readFacts(document)))
  const fields = ['license', 'licenses', 'repository', 'dependencies', 'optionalDependencies', 'peerDependencies']
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...fields), fc.anything()), (document) => void readFacts(document)),
  )
})
