{{- /* Rules between values that a schema can state but not explain. */ -}}
{{- define "agentmesh.rules" -}}
{{- range $role := list "gateway" "agents" "inference" -}}
{{- $config := index $.Values $role -}}
{{- if and $config.hpa.enabled (gt (int $config.hpa.minReplicas) (int $config.hpa.maxReplicas)) -}}
{{- fail (printf "%s.hpa: minReplicas (%d) is more than maxReplicas (%d)." $role (int $config.hpa.minReplicas) (int $config.hpa.maxReplicas)) -}}
{{- end -}}
{{- if and (eq (toString $config.strategy.maxSurge) "0") (eq (toString $config.strategy.maxUnavailable) "0") -}}
{{- fail (printf "%s.strategy: maxSurge and maxUnavailable are both 0, so no upgrade could ever proceed. Set one of them to 1." $role) -}}
{{- end -}}
{{- end -}}
{{- with .Values.inference -}}
{{- if and .hpa.enabled .keda.enabled -}}
{{- fail "inference: hpa and keda are both enabled, and two autoscalers on one Deployment undo each other. Enable one of them." -}}
{{- end -}}
{{- if and .keda.enabled (not .keda.prometheusAddress) -}}
{{- fail "inference.keda: prometheusAddress is missing. Set the URL of the Prometheus that scrapes these silos, e.g. http://prometheus.monitoring:9090." -}}
{{- end -}}
{{- if and .keda.enabled (gt (int .keda.minReplicas) (int .keda.maxReplicas)) -}}
{{- fail (printf "inference.keda: minReplicas (%d) is more than maxReplicas (%d)." (int .keda.minReplicas) (int .keda.maxReplicas)) -}}
{{- end -}}
{{- if and .models.file .server.enabled -}}
{{- fail "inference: models.file is served by the silo itself, and server by another program beside it. Set one of them." -}}
{{- end -}}
{{- if and .models.file (not .models.existingClaim) -}}
{{- fail "inference.models.file: existingClaim is missing. Name the claim that has the file." -}}
{{- end -}}
{{- if and .server.enabled (not (regexMatch "(@sha256:[0-9a-f]{64}|:[A-Za-z0-9_][A-Za-z0-9_.-]*)$" .server.image)) -}}
{{- fail "inference.server.image: name an image with its tag or digest." -}}
{{- end -}}
{{- if hasSuffix ":latest" .server.image -}}
{{- fail "inference.server.image: the tag latest moves under a running cluster. Pin a version or a digest." -}}
{{- end -}}
{{- end -}}
{{- if not (and .Values.postgres.secret.name .Values.postgres.secret.key) -}}
{{- fail "postgres.secret: name or key is missing. Name the Secret, and its key, that hold the Npgsql connection string." -}}
{{- end -}}
{{- if and (eq .Values.image.tag "latest") (not .Values.image.digest) -}}
{{- fail "image.tag: the tag latest moves under a running cluster. Pin a version or a digest." -}}
{{- end -}}
{{- if and .Values.tls.enabled (not .Values.tls.secret.name) -}}
{{- fail "tls: enabled without tls.secret.name. Name the Secret that holds certificate, key and CA." -}}
{{- end -}}
{{- if and .Values.clientGateway.enabled (not .Values.clientGateway.keysSecret.name) -}}
{{- fail "clientGateway: enabled without clientGateway.keysSecret.name. Name the Secret that holds the client keys." -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "ingress: enabled without ingress.host. Name the host that the API answers to." -}}
{{- end -}}
{{- $ports := .Values.ports -}}
{{- if or (eq (int $ports.http) (int $ports.silo)) (eq (int $ports.http) (int $ports.client)) (eq (int $ports.silo) (int $ports.client)) -}}
{{- fail "ports: http, silo and client must differ." -}}
{{- end -}}
{{- end -}}
