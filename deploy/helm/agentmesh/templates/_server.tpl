{{- /* The model server beside an inference silo: dict root, config. A sidecar that starts before the silo and ends after
       it, so a silo that drains still has its model. */ -}}
{{- define "agentmesh.server" -}}
{{- $server := .config.server -}}
- name: model
  image: {{ $server.image | quote }}
  restartPolicy: Always
  {{- with $server.args }}
  args:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  ports:
    - name: model
      containerPort: {{ $server.port }}
  securityContext:
    {{- include "agentmesh.containerSecurity" . | nindent 4 }}
    runAsUser: {{ $server.runAsUser }}
  startupProbe:
    httpGet: { path: {{ $server.healthPath | quote }}, port: model }
    periodSeconds: 10
    failureThreshold: 90
  readinessProbe:
    httpGet: { path: {{ $server.healthPath | quote }}, port: model }
    periodSeconds: 10
  resources:
    {{- if gt (int .config.gpu.count) 0 }}
    {{- include "agentmesh.gpuResources" (dict "resources" $server.resources "gpu" .config.gpu) | nindent 4 }}
    {{- else }}
    {{- toYaml $server.resources | nindent 4 }}
    {{- end }}
  volumeMounts:
    - name: tmp
      mountPath: /tmp
    {{- if .config.models.existingClaim }}
    - name: models
      mountPath: /models
      readOnly: true
    {{- end }}
{{- end -}}
