import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PolicyDocumentError } from './document.ts'
import { type DocumentKind, parsePolicyDocument } from './parse-document.ts'

const ok = '"Effect":"Allow","Action":"codeartifact:*","Resource":"*"'
const who = '"Principal":"*"'
const one = (statement: string) => `{"Version":"2012-10-17","Statement":{${statement}}}`

/** Kind, document, what the error must say; undefined: it is fine. */
const rows: readonly (readonly [DocumentKind, string, RegExp | undefined])[] = [
  ['identity', one(ok), undefined],
  ['identity', `{"Statement":[{${ok}},{${ok}}]}`, undefined],
  ['identity', `{"Version":"2008-10-17","Id":"x","Statement":[{${ok},"Sid":"A1"}]}`, undefined],
  ['identity', one(`${ok},"Sid":""`), undefined],
  ['identity', ` \n{"Version":"2012-10-17","Statement":{${ok}}}\n`, undefined],
  ['resource', one(`${ok},${who}`), undefined],
  ['resource', one(`${ok},"Principal":{"AWS":["*","111122223333","arn:aws:iam::111122223333:root"]}`), undefined],
  ['resource', one(`${ok},"Principal":{"Service":"x.amazonaws.com","Federated":"y","CanonicalUser":"z"}`), undefined],
  ['resource', one(`"Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*",${who}`), undefined],
  ['resource', one(`"Effect":"Allow","Action":"*","Resource":"*",${who},"Sid":"with a space"`), undefined],
  ['trust', one('"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}'), undefined],
  ['identity', '', /not valid JSON/],
  ['identity', '{', /line 1, column 2/],
  ['identity', '{\n "a": 1,,', /line 2, column 9/],
  ['identity', 'null', /must be a JSON object/],
  ['identity', '[]', /must be a JSON object/],
  ['identity', `${one(ok)}x`, /line 1, column/],
  ['identity', `{"Statement":{${ok}},"Statement":{${ok}}}`, /names 'Statement' twice/],
  ['identity', one(`${ok},"Effect":"Deny"`), /names 'Effect' twice/],
  ['identity', `{"Version":"2012-10-18","Statement":{${ok}}}`, /^Version must be/],
  ['identity', `{"Version":2012,"Statement":{${ok}}}`, /^Version must be/],
  ['identity', `{"Id":1,"Statement":{${ok}}}`, /^Id must be/],
  ['identity', `{"Version":"2012-10-17"}`, /^Statement must be/],
  ['identity', `{"Statement":[]}`, /^Statement must be/],
  ['identity', `{"Statement":"x"}`, /^Statement must be/],
  ['identity', `{"Statement":["x"]}`, /^Statement\[0\] must be an object/],
  ['identity', `{"Statement":{${ok}},"Extra":1}`, /unknown element 'Extra'/],
  ['identity', one(`${ok},"Extra":1`), /^Statement\[0\] has the unknown element 'Extra'/],
  ['identity', one(`${ok},"__proto__":{}`), /unknown element '__proto__'/],
  ['identity', one('"Effect":"allow","Action":"*","Resource":"*"'), /^Statement\[0\]\.Effect must be/],
  ['identity', one('"Action":"*","Resource":"*"'), /^Statement\[0\]\.Effect must be/],
  ['identity', one('"Effect":"Allow","Resource":"*"'), /exactly one of Action and NotAction/],
  ['identity', one('"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"'), /exactly one of Action/],
  ['identity', one('"Effect":"Allow","Action":"*"'), /exactly one of Resource and NotResource/],
  ['identity', one(`${ok},"NotResource":"*"`), /exactly one of Resource/],
  ['identity', one(`${ok},${who}`), /Principal has no place in an identity policy/],
  ['identity', one('"Effect":"Allow","Action":[],"Resource":"*"'), /^Statement\[0\]\.Action must be text/],
  ['identity', one('"Effect":"Allow","Action":[1],"Resource":"*"'), /^Statement\[0\]\.Action must be text/],
  ['identity', one('"Effect":"Allow","Action":"Get","Resource":"*"'), /'Get' must be service:Action/],
  ['identity', one('"Effect":"Allow","Action":"s3:Get Object","Resource":"*"'), /must be service:Action/],
  ['identity', one('"Effect":"Allow","Action":"*:x","Resource":"*"'), /must be service:Action/],
  ['identity', one('"Effect":"Allow","Action":"*","Resource":"domain/x"'), /must be an ARN or "\*"/],
  ['identity', one('"Effect":"Allow","Action":"*","Resource":{}'), /Resource must be text/],
  ['identity', one(`${ok},"Sid":"a b"`), /Sid must be letters and digits/],
  ['identity', one(`${ok},"Sid":7`), /Sid must be/],
  ['identity', `{"Statement":[{${ok},"Sid":"A"},{${ok},"Sid":"A"}]}`, /^Statement\[1\]\.Sid repeats 'A'/],
  ['identity', one(`${ok},"Condition":[]`), /Condition must be an object of operators/],
  ['identity', one(`${ok},"Condition":{"StringIs":{"a":"b"}}`), /unknown operator 'StringIs'/],
  ['identity', one(`${ok},"Condition":{"NullIfExists":{"a":"true"}}`), /unknown operator 'NullIfExists'/],
  ['identity', one(`${ok},"Condition":{"ForSome:StringEquals":{"a":"b"}}`), /unknown operator/],
  ['identity', one(`${ok},"Condition":{"StringEquals":"a"}`), /StringEquals must be an object of condition keys/],
  ['identity', one(`${ok},"Condition":{"StringEquals":{"a":{}}}`), /StringEquals\.a must be text/],
  ['identity', one(`${ok},"Condition":{"StringEquals":{"a":null}}`), /StringEquals\.a must be text/],
  ['resource', one(ok), /exactly one of Principal and NotPrincipal/],
  ['resource', one(`${ok},${who},"NotPrincipal":"*"`), /exactly one of Principal/],
  ['resource', one(`"Effect":"Allow","Action":"s3:*","Resource":"*",${who}`), /must be an action of codeartifact/],
  ['resource', one(`"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*",${who}`), /must be an action of/],
  ['resource', one(`${ok},"Principal":"x"`), /Principal must be/],
  ['resource', one(`${ok},"Principal":{}`), /Principal must be/],
  ['resource', one(`${ok},"Principal":{"Aws":"*"}`), /unknown element 'Aws'/],
  ['resource', one(`${ok},"Principal":{"AWS":[]}`), /Principal\.AWS must be text/],
  ['resource', one(`${ok},"Principal":{"AWS":"arn:aws:iam::111122223333:user/*"}`), /^Invalid principal in policy/],
  ['resource', one(`${ok},"Principal":{"AWS":"12345"}`), /^Invalid principal in policy/],
  ['resource', one(`${ok},"Principal":{"AWS":"arn:aws:s3:::x"}`), /^Invalid principal in policy/],
  [
    'trust',
    one(`"Effect":"Allow","Action":"sts:AssumeRole",${who},"Resource":"*"`),
    /Resource has no place in a trust/,
  ],
  ['trust', one(`"Effect":"Allow","Action":"s3:*",${who}`), /must be an action of sts/],
  ['trust', one('"Effect":"Allow","Action":"sts:AssumeRole"'), /exactly one of Principal/],
  ['identity', `{"Statement":${'['.repeat(40)}${']'.repeat(40)}}`, /nested too deeply/],
  ['identity', '{"Statement":"\u0001"}', /not valid JSON/],
]

for (const [index, [kind, text, message]] of rows.entries()) {
  const title = `Document ${index} (${kind}) ${message ? `is refused: ${message.source}` : 'is taken'}`
  test(title, () => {
    if (!message) {
      assert.ok(parsePolicyDocument(text, kind).statements.length > 0)
      return
    }
    assert.throws(
      () => parsePolicyDocument(text, kind),
      (error) => {
        assert.ok(error instanceof PolicyDocumentError)
        assert.match(error.message, message)
        return true
      },
    )
  })
}
