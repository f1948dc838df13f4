import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderReadme } from './readme.ts'

async function html(readme: string): Promise<string> {
  const rendered = await renderReadme(readme)
  assert.equal(rendered.kind, 'html')
  return rendered.kind === 'html' ? rendered.html : ''
}

test('Markdown is shown with its headings, lists, tables and code', async () => {
  const text = await html('# Title\n\n- *one*\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```js\nlet x = 1 < 2\n```\n')
  assert.match(text, /<h1>Title<\/h1>/)
  assert.match(text, /<li><em>one<\/em><\/li>/)
  assert.match(text, /<td>2<\/td>/)
  assert.match(text, /<pre><code>let x = 1 &lt; 2\n<\/code><\/pre>/)
})

test('links leave without telling where they were read, and only for the web and mail', async () => {
  const text = await html(
    '[a](https://a.example/) [b](javascript:alert(1)) [c](/v1/domains) <a href="//evil.example">d</a>',
  )
  assert.match(text, /<a href="https:\/\/a.example\/" rel="noopener noreferrer nofollow ugc" target="_blank">a<\/a>/)
  assert.doesNotMatch(text, /<a [^>]*(javascript|href="\/|evil)/)
  assert.match(await html('![build](https://a.example/x.svg) ![<b>](y)'), /<p>build &lt;b&gt;<\/p>/)
})

/** What attacks pages. Each must come out without a way to run, to load or to look like the page around it. */
const attacks = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '![x](https://evil.example/pixel.png)',
  '![x](data:image/svg+xml;base64,PHN2Zz4=)',
  '<svg onload=alert(1)><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<object data="javascript:alert(1)"></object><embed src="https://evil.example/">',
  '<form action="/v1/domain" method="post"><input name="x"><button>go</button></form>',
  '<a href="jav&#x09;ascript:alert(1)">x</a>',
  '<a href=" javascript:alert(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<a href="https://a.example" onclick="alert(1)" style="position:fixed;inset:0" class="awsui_button" id="console">x</a>',
  '<div style="background:url(https://evil.example/)">x</div>',
  '<style>@import "https://evil.example/x.css"</style>',
  '<base href="https://evil.example/"><link rel=stylesheet href="https://evil.example/x.css"><meta http-equiv=refresh content="0;url=https://evil.example/">',
  '<video src="https://evil.example/" poster="https://evil.example/"></video>',
  '<p id="x" name="cookie">x</p>',
  '<details ontoggle=alert(1) open>x</details>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<template><script>alert(1)</script></template><custom-element onclick=alert(1)>x</custom-element>',
  '<!--><script>alert(1)</script>-->',
]

test('nothing in a README runs, loads from outside or looks like the page around it', async () => {
  for (const attack of attacks) {
    const text = await html(`before\n\n${attack}\n\nafter`)
    const tags = [...text.matchAll(/<([^>]*)>/g)].map(([, tag = '']) => tag)
    for (const tag of tags) {
      assert.doesNotMatch(
        tag,
        /^\/?(script|img|svg|math|iframe|object|embed|form|input|button|style|base|link|meta|video|template|custom)/i,
        attack,
      )
      assert.doesNotMatch(
        tag,
        /\bon\w+\s*=|style\s*=|class\s*=|\bid\s*=|\bsrc\s*=|javascript:|data:|srcdoc/i,
        `${attack} → ${text}`,
      )
    }
    assert.match(text, /^<p>before<\/p>/)
  }
})

test('reStructuredText and what is far too long stay text', async () => {
  for (const text of [
    'Title\n=====\n\n.. code-block:: python\n',
    'See `the docs <https://a.example/>`_.',
    'x '.repeat(200_000),
  ]) {
    assert.deepEqual(await renderReadme(text), { kind: 'text' })
  }
})

test('deep nesting ends, and quickly', async () => {
  const begun = performance.now()
  await renderReadme(`${'> '.repeat(5000)}x`)
  await renderReadme(`${'['.repeat(20_000)}x`)
  await renderReadme('<b>'.repeat(20_000))
  assert.ok(performance.now() - begun < 20_000)
})
