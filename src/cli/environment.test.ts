import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { renderEnvironment } from './environment.ts'

const access = {
  url: 'http://127.0.0.1:8686',
  region: 'eu-west-1',
  credentialsFile: '/tmp/it\'s $(touch x) a "folder"/credentials',
  profile: 'packyard',
}

test('A shell that evaluates it has exactly these values, whatever the folder is called', () => {
  const script = `${renderEnvironment(access, 'shell')}
    printf '%s|' "$AWS_ENDPOINT_URL" "$AWS_SHARED_CREDENTIALS_FILE" "$AWS_PROFILE" "$AWS_REGION" "$AWS_DEFAULT_REGION"`
  const values = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env: {} }).split('|')
  assert.deepEqual(values, [access.url, access.credentialsFile, 'packyard', 'eu-west-1', 'eu-west-1', ''])
})

test('As JSON it can be read by programs', () => {
  const variables = JSON.parse(renderEnvironment(access, 'json')) as Record<string, string>
  assert.equal(variables['AWS_SHARED_CREDENTIALS_FILE'], access.credentialsFile)
  assert.equal(Object.keys(variables).length, 5)
})
