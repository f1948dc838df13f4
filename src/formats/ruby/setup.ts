import type { SetupStep } from '../format.ts'
import { setupPlaceOf } from '../setup-place.ts'

/** What a person pastes. Source: CodeArtifact User Guide, "Configure and use RubyGems and Bundler with CodeArtifact". */
export function setup(endpoint: URL): readonly SetupStep[] {
  const url = endpoint.href.replace(/\/?$/, '/')
  const withToken = url.replace('://', '://aws:$CODEARTIFACT_AUTH_TOKEN@')
  return [
    { title: 'Get a token', text: `export CODEARTIFACT_AUTH_TOKEN="$(${setupPlaceOf(endpoint).tokenCommand})"` },
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
