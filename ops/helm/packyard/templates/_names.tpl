{{- define "packyard.name" -}}
{{- printf "%s" .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "packyard.selector" -}}
app.kubernetes.io/name: packyard
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "packyard.labels" -}}
{{ include "packyard.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: packyard-{{ .Chart.Version }}
{{- end -}}
