import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseRepresentation } from './accept.ts'

test('each client gets what it likes best', () => {
  const json = 'application/vnd.pypi.simple.v1+json'
  const html = 'application/vnd.pypi.simple.v1+html'
  const wanted = {
    [`${json}, ${html}; q=0.1, text/html; q=0.01`]: 'json', // pip
    [`${json}, ${html};q=0.2, text/html;q=0.01`]: 'json', // uv
    [`${json}, */*;q=0.1`]: 'json', // Poetry
    'text/html': 'plain html', // pip before 22.2
    '*/*': 'plain html', // curl
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8': 'plain html', // browsers
    'application/vnd.pypi.simple.latest+json': 'json',
    'application/vnd.pypi.simple.latest+html': 'html',
    [html]: 'html',
    [`${json};q=0, */*`]: 'plain html',
    [`${json}, */*`]: 'json',
    'text/html, application/vnd.pypi.simple.v1+json': 'plain html',
    'application/*': 'json',
    'text/*;q=0.5, image/png': 'plain html',
  }
  for (const [accept, representation] of Object.entries(wanted)) {
    assert.equal(chooseRepresentation(accept), representation, accept)
  }
  assert.equal(chooseRepresentation(undefined), 'plain html')
  assert.equal(chooseRepresentation(''), 'plain html')
})

test('what is not served is not given', () => {
  for (const accept of ['application/pdf', 'image/png', 'text/html;q=0', 'application/json', '*/*;q=0']) {
    assert.equal(chooseRepresentation(accept), undefined, accept)
  }
})
