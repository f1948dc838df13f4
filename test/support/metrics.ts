/** Metrics in Prometheus' text format, taken apart. Source: Prometheus, "Exposition formats". */
export interface Metrics {
  readonly types: ReadonlyMap<string, string>
  readonly help: ReadonlyMap<string, string>
  readonly samples: readonly Sample[]
  /** Sum of the samples of this name that have all of these labels. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number
}

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export async function readMetrics(url: string): Promise<Metrics> {
  const response = await fetch(`${url}/metrics`)
  return parseMetrics(await response.text())
}

function parseMetrics(text: string): Metrics {
  const samples = [...text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/gm)].map(
    ([, name = '', pairs = '', value]) => {
      const labels = [...pairs.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', at = '']) => [label, at])
      return { name, labels: Object.fromEntries(labels) as Record<string, string>, value: Number(value) }
    },
  )
  return {
    types: new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => [name, type])),
    help: new Map([...text.matchAll(/^# HELP (\w+) (.*)$/gm)].map(([, name = '', help = '']) => [name, help])),
    samples,
    sum(name, labels = {}) {
      const meant = samples.filter((sample) => {
        return sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
      })
      return meant.reduce((sum, { value }) => sum + value, 0)
    },
  }
}
