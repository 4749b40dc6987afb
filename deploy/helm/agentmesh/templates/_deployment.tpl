{{- /* One role's silos: dict root, role, config. */ -}}
{{- define "agentmesh.deployment" -}}
{{- $values := .root.Values -}}
{{- $config := .config -}}
{{- $inference := eq .role "inference" -}}
{{- $autoscaled := or $config.hpa.enabled (dig "keda" "enabled" false $config) -}}
{{- $server := and $inference (dig "server" "enabled" false $config) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "agentmesh.fullname" .root }}-{{ .role }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "agentmesh.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
spec:
  {{- if not $autoscaled }}
  replicas: {{ $config.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  # Longer than a silo may take to join; a roll-out that is slower than this is reported as failed.
  progressDeadlineSeconds: {{ add 300 (mul $values.probes.startup.periodSeconds $values.probes.startup.failureThreshold) }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      {{- toYaml $config.strategy | nindent 6 }}
  selector:
    matchLabels:
      {{- include "agentmesh.selector" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .role }}
  template:
    metadata:
      labels:
        {{- with $config.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- include "agentmesh.labels" .root | nindent 8 }}
        app.kubernetes.io/component: {{ .role }}
        agentmesh/silo: "true"
      {{- with $config.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "agentmesh.serviceAccount" .root }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with $values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      {{- with $config.runtimeClassName }}
      runtimeClassName: {{ . }}
      {{- end }}
      {{- with $config.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      terminationGracePeriodSeconds: {{ add $values.preStopSeconds $values.drainSeconds $values.shutdownSeconds }}
      securityContext:
        {{- include "agentmesh.podSecurity" .root | nindent 8 }}
      {{- if $server }}
      initContainers:
        {{- include "agentmesh.server" . | nindent 8 }}
      {{- end }}
      containers:
        - name: silo
          image: {{ include "agentmesh.image" .root | quote }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          env:
            {{- include "agentmesh.env" . | nindent 12 }}
          ports:
            - name: http
              containerPort: {{ $values.ports.http }}
            - name: silo
              containerPort: {{ $values.ports.silo }}
            {{- if $values.clientGateway.enabled }}
            - name: client
              containerPort: {{ $values.ports.client }}
            {{- end }}
          securityContext:
            {{- include "agentmesh.containerSecurity" .root | nindent 12 }}
          startupProbe:
            {{- include "agentmesh.probe" (dict "path" "/health/startup" "config" $values.probes.startup) | nindent 12 }}
          readinessProbe:
            {{- include "agentmesh.probe" (dict "path" "/health/ready" "config" $values.probes.readiness) | nindent 12 }}
          livenessProbe:
            {{- include "agentmesh.probe" (dict "path" "/health/live" "config" $values.probes.liveness) | nindent 12 }}
          {{- if gt (int $values.preStopSeconds) 0 }}
          lifecycle:
            preStop:
              sleep:
                seconds: {{ $values.preStopSeconds }}
          {{- end }}
          resources:
            {{- if and $inference (gt (int (dig "gpu" "count" 0 $config)) 0) (not $server) }}
            {{- include "agentmesh.gpuResources" (dict "resources" $config.resources "gpu" $config.gpu) | nindent 12 }}
            {{- else }}
            {{- toYaml $config.resources | nindent 12 }}
            {{- end }}
          volumeMounts:
            {{- include "agentmesh.mounts" . | nindent 12 }}
      volumes:
        {{- include "agentmesh.volumes" . | nindent 8 }}
      {{- if $config.topologySpread.enabled }}
      topologySpreadConstraints:
        {{- range $config.topologySpread.topologyKeys }}
        - maxSkew: {{ $config.topologySpread.maxSkew }}
          topologyKey: {{ . }}
          whenUnsatisfiable: {{ $config.topologySpread.whenUnsatisfiable }}
          labelSelector:
            matchLabels:
              {{- include "agentmesh.selector" $.root | nindent 14 }}
              app.kubernetes.io/component: {{ $.role }}
        {{- end }}
      {{- end }}
      {{- with $config.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $config.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $config.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}
