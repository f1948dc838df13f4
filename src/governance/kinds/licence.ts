import Type from 'typebox'
import { invalid } from '../../registry/errors.ts'
import { parseGroupPattern } from '../../registry/group-pattern.ts'
import { exceptParameter, isExcepted } from '../exceptions.ts'
import { defineKind, type Judge, pass } from '../kind.ts'
import { loadSpdx, type ReadIdentifier, renderLicence } from '../licences/expression.ts'
import {
  judgeLicence,
  type LicencePolicy,
  licenceOf,
  parseEntry,
  type SeveralLicences,
} from '../licences/licence-policy.ts'
import { isMeant, originsParameter } from '../origins.ts'

const entries = Type.Optional(
  Type.Array(Type.String({ rule: 'must be text' }), { maxItems: 500, rule: 'must be a list of at most 500 licences' }),
)

interface Parameters {
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  readonly unknown?: 'hold' | 'pass'
  readonly origins?: 'outside' | 'all'
}

/** Nothing under these licences, or nothing but under these. */
export const licence = defineKind({
  id: 'licence',
  summary: 'Holds versions by the licence that their own metadata gives.',
  isApprovable: true,
  parameters: {
    allow: entries,
    deny: entries,
    unknown: Type.Optional(
      Type.Union([Type.Literal('hold'), Type.Literal('pass')], {
        rule: 'must be "hold" or "pass": what happens to versions whose licence nobody can tell',
      }),
    ),
    origins: originsParameter,
    except: exceptParameter,
  },
  check(parameters) {
    if (!parameters.allow?.length && !parameters.deny?.length) {
      throw invalid('parameters', JSON.stringify(parameters), 'must have licences in allow, in deny or in both')
    }
    policyOf(parameters, loadSpdx())
    for (const pattern of parameters.except ?? []) parseGroupPattern(pattern)
  },
  gate(parameters, { name, place }) {
    if (isExcepted(parameters.except, name)) return () => pass
    return judgeBy(parameters, place.format.severalLicences ?? 'all of them')
  },
})

/** Throws `invalid`. */
function policyOf({ allow, deny }: Parameters, readIdentifier: ReadIdentifier): LicencePolicy {
  const parse = (field: string, texts: readonly string[]) =>
    texts.map((text, at) => parseEntry(`parameters.${field}.${at}`, text, readIdentifier))
  return { allow: allow?.length ? parse('allow', allow) : undefined, deny: parse('deny', deny ?? []) }
}

function judgeBy(parameters: Parameters, several: SeveralLicences): Judge {
  const readIdentifier = loadSpdx()
  const policy = policyOf(parameters, readIdentifier)
  return ({ origin, facts }) => {
    if (!isMeant(parameters.origins ?? 'all', origin)) return pass
    const found = licenceOf(facts(), several, readIdentifier)
    switch (judgeLicence(found, policy)) {
      case 'allowed':
        return pass
      case 'denied':
        return { kind: 'hold', reason: `its licence, ${shown(renderLicence(found))}, is not allowed` }
      case 'unknown':
        if (parameters.unknown === 'pass') return pass
        return { kind: 'hold', reason: `nobody can tell what its licence allows: ${shown(renderLicence(found))}` }
    }
  }
}

/** What clients print: short, and in ASCII. */
function shown(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]+/g, '?')
  return plain.length > 100 ? `${plain.slice(0, 100)}...` : plain
}
