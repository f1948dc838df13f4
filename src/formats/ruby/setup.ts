import type { SetupStep } from '../format.ts'

/** What a person pastes. Source: CodeArtifact User Guide, "Configure and use RubyGems and Bundler with CodeArtifact". */
export function setup(endpoint: URL): readonly SetupStep[] {
  const url = endpoint.href.replace(/\/?$/, '/')
  const withToken = url.replace('://', '://aws:$CODEARTIFACT_AUTH_TOKEN@')
  return [
    { title: 'Get a token', text: `export CODEARTIFACT_AUTH_TOKEN="$(${tokenCommand(endpoint)})"` },
    {
      title: 'gem: push',
      text: [
        `export RUBYGEMS_HOST=${url.slice(0, -1)}`,
        'export GEM_HOST_API_KEY="Bearer $CODEARTIFACT_AUTH_TOKEN"',
        'gem push my-gem-1.0.0.gem',
      ].join('\n'),
    },
    { title: 'gem: install', text: `gem install --clear-sources --source "${withToken}" my-gem` },
    { title: 'Bundler: the source', file: 'Gemfile', text: `source "${url}"\n` },
    { title: 'Bundler: the token', text: `bundle config set --global ${url} "aws:$CODEARTIFACT_AUTH_TOKEN"` },
  ]
}

/** Domain and account stand in the address, in both of its forms. */
function tokenCommand(endpoint: URL): string {
  const inPath = /\/d\/([a-z][a-z0-9-]*)-(\d{12})\//.exec(endpoint.pathname)
  const [, domain = '<domain>', owner = '<account>'] =
    inPath ?? /^([a-z][a-z0-9-]*)-(\d{12})\./.exec(endpoint.host) ?? []
  const place = `--domain ${domain} --domain-owner ${owner}`
  return `aws codeartifact get-authorization-token ${place} --query authorizationToken --output text`
}
