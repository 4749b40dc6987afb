{{- define "agentmesh.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .Values.podSecurityContext.runAsUser }}
runAsGroup: {{ .Values.podSecurityContext.runAsGroup }}
fsGroup: {{ .Values.podSecurityContext.fsGroup }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "agentmesh.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "agentmesh.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret.name }}
      key: {{ .secret.key }}
{{- end -}}

{{- /* A probe on the silo's own HTTP port: dict path, config. */ -}}
{{- define "agentmesh.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
{{ toYaml .config }}
{{- end -}}

{{- /* Environment of a silo: dict root, role, config. */ -}}
{{- define "agentmesh.env" -}}
{{- $values := .root.Values -}}
{{- $server := and (eq .role "inference") (dig "server" "enabled" false .config) -}}
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: AGENTMESH_SILO_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: AGENTMESH_SILO_ADDRESS
  value: $(POD_IP)
- name: AGENTMESH_SILO_ROLES
  value: {{ .role }}
- name: AGENTMESH_SILO_PORT
  value: {{ $values.ports.silo | quote }}
- name: AGENTMESH_CLIENT_PORT
  value: {{ ternary $values.ports.client 0 $values.clientGateway.enabled | quote }}
- name: AGENTMESH_HTTP
  value: http://0.0.0.0:{{ $values.ports.http }}
- name: AGENTMESH_CLUSTER
  value: {{ include "agentmesh.clusterId" .root | quote }}
- name: AGENTMESH_DRAIN
  value: {{ $values.drainSeconds | quote }}
- name: AGENTMESH_HOME
  value: /var/lib/agentmesh
{{ include "agentmesh.secretEnv" (dict "name" "AGENTMESH_POSTGRES" "secret" $values.postgres.secret) }}
{{- if $values.tls.enabled }}
- name: AGENTMESH_TLS_CERT
  value: /etc/agentmesh/tls/{{ $values.tls.secret.cert }}
- name: AGENTMESH_TLS_KEY
  value: /etc/agentmesh/tls/{{ $values.tls.secret.key }}
- name: AGENTMESH_TLS_CA
  value: /etc/agentmesh/tls/{{ $values.tls.secret.ca }}
{{- end }}
{{- if $values.clientGateway.enabled }}
- name: AGENTMESH_CLIENT_KEYS
  value: /etc/agentmesh/clients/{{ $values.clientGateway.keysSecret.key }}
{{- end }}
{{- if eq .role "gateway" }}
- name: AGENTMESH_AUTH
  value: keys
{{- if $values.api.adminKeySecret.name }}
{{ include "agentmesh.secretEnv" (dict "name" "AGENTMESH_ADMIN_KEY" "secret" $values.api.adminKeySecret) }}
{{- end }}
{{- end }}
{{- if $values.roles.configMap }}
- name: AGENTMESH_ROLES
  value: /etc/agentmesh/roles
{{- end }}
{{- if $values.playbooks.configMap }}
- name: AGENTMESH_PLAYBOOKS
  value: /etc/agentmesh/playbooks
{{- end }}
{{- if eq .role "inference" }}
- name: AGENTMESH_DEVICES
  value: {{ include "agentmesh.devices" .config | quote }}
{{- if gt (int .config.slots) 0 }}
- name: AGENTMESH_SLOTS
  value: {{ .config.slots | quote }}
{{- end }}
- name: AGENTMESH_MODEL_TIER
  value: {{ .config.tier }}
{{- end }}
{{- $file := "" -}}
{{- if eq .role "inference" -}}{{- $file = dig "models" "file" "" .config -}}{{- end -}}
{{- if $server }}
- name: AGENTMESH_MODEL_URL
  value: http://127.0.0.1:{{ .config.server.port }}{{ .config.server.path }}
{{- else if $file }}
- name: AGENTMESH_MODEL
  value: /models/{{ $file }}
{{- else if $values.model.url }}
- name: AGENTMESH_MODEL_URL
  value: {{ $values.model.url | quote }}
{{- end }}
{{- if and $values.model.name (not $file) }}
- name: AGENTMESH_MODEL
  value: {{ $values.model.name | quote }}
{{- end }}
{{- if $values.model.apiKeySecret.name }}
{{ include "agentmesh.secretEnv" (dict "name" "AGENTMESH_API_KEY" "secret" $values.model.apiKeySecret) }}
{{- end }}
{{- range $name, $value := $values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- range $name, $secret := $values.secretSettings }}
{{ include "agentmesh.secretEnv" (dict "name" $name "secret" $secret) }}
{{- end }}
{{- end -}}

{{- define "agentmesh.devices" -}}
{{- if .devices -}}
{{- join "," .devices -}}
{{- else if gt (int .gpu.count) 0 -}}
{{- $names := list -}}
{{- range $i := until (int .gpu.count) -}}{{- $names = append $names (printf "gpu%d" $i) -}}{{- end -}}
{{- join "," $names -}}
{{- else -}}
cpu
{{- end -}}
{{- end -}}

{{- /* Resources with the GPUs added, which Kubernetes wants as equal request and limit: dict resources, gpu. */ -}}
{{- define "agentmesh.gpuResources" -}}
{{- $gpu := dict .gpu.key (int .gpu.count) -}}
{{- $limits := merge (dict) $gpu (default (dict) .resources.limits) -}}
{{- $requests := merge (dict) $gpu (default (dict) .resources.requests) -}}
{{- toYaml (dict "limits" $limits "requests" $requests) -}}
{{- end -}}

{{- define "agentmesh.mounts" -}}
- name: tmp
  mountPath: /tmp
- name: home
  mountPath: /var/lib/agentmesh
{{- if .root.Values.tls.enabled }}
- name: tls
  mountPath: /etc/agentmesh/tls
  readOnly: true
{{- end }}
{{- if .root.Values.clientGateway.enabled }}
- name: clients
  mountPath: /etc/agentmesh/clients
  readOnly: true
{{- end }}
{{- range $kind := list "roles" "playbooks" }}
{{- if (index $.root.Values $kind).configMap }}
- name: {{ $kind }}
  mountPath: /etc/agentmesh/{{ $kind }}
  readOnly: true
{{- end }}
{{- end }}
{{- if and (eq .role "inference") (dig "models" "existingClaim" "" .config) }}
- name: models
  mountPath: /models
  readOnly: true
{{- end }}
{{- end -}}

{{- define "agentmesh.volumes" -}}
- name: tmp
  emptyDir: {}
- name: home
  emptyDir: {}
{{- if .root.Values.tls.enabled }}
- name: tls
  secret:
    secretName: {{ .root.Values.tls.secret.name }}
    defaultMode: 0440
{{- end }}
{{- if .root.Values.clientGateway.enabled }}
- name: clients
  secret:
    secretName: {{ .root.Values.clientGateway.keysSecret.name }}
    defaultMode: 0440
{{- end }}
{{- range $kind := list "roles" "playbooks" }}
{{- with (index $.root.Values $kind).configMap }}
- name: {{ $kind }}
  configMap:
    name: {{ . }}
{{- end }}
{{- end }}
{{- if and (eq .role "inference") (dig "models" "existingClaim" "" .config) }}
- name: models
  persistentVolumeClaim:
    claimName: {{ .config.models.existingClaim }}
    readOnly: true
{{- end }}
{{- end -}}
