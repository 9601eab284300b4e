{{/* The name of the release, at most 40 characters, so that the names of all parts fit into 63. */}}
{{- define "sonotheque.name" -}}
{{- $name := ternary .Release.Name (printf "%s-sonotheque" .Release.Name) (contains "sonotheque" .Release.Name) -}}
{{- $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "sonotheque.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "sonotheque.selector" . }}
{{- end -}}

{{/* Labels that select the pods of this release. */}}
{{- define "sonotheque.selector" -}}
app.kubernetes.io/name: sonotheque
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sonotheque.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "sonotheque.serviceAccount" -}}
{{ .Values.serviceAccount.existingName | default (include "sonotheque.name" .) }}
{{- end -}}

{{- define "sonotheque.stagingClaim" -}}
{{ .Values.staging.existingClaim | default (printf "%s-staging" (include "sonotheque.name" .)) }}
{{- end -}}

{{/* The part of a pod that all processes share; the arguments of the container follow. Given: root, args, resources, port. */}}
{{- define "sonotheque.pod" -}}
{{- $root := .root -}}
metadata:
  labels:
    {{- include "sonotheque.selector" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
    {{- with $root.Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    # New settings start new pods.
    checksum/config: {{ include (print $root.Template.BasePath "/configmap.yaml") $root | sha256sum }}
    {{- with $root.Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "sonotheque.serviceAccount" $root }}
  # No process talks to Kubernetes.
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    # The user `node` of the image.
    runAsUser: 1000
    runAsGroup: 1000
    fsGroup: 1000
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: sonotheque
      image: {{ include "sonotheque.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: {{ toJson .args }}
      envFrom:
        - configMapRef: { name: {{ include "sonotheque.name" $root }} }
        - secretRef: { name: {{ $root.Values.existingSecret }} }
      {{- if .port }}
      ports:
        - { name: http, containerPort: {{ .port }} }
      # A start waits for Redis and MongoDB as long as it takes, and tells so in its log; it is killed after five minutes.
      startupProbe:
        httpGet: { path: /livez, port: http }
        periodSeconds: 5
        failureThreshold: 60
      livenessProbe:
        httpGet: { path: /livez, port: http }
        periodSeconds: 20
        timeoutSeconds: 10
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /readyz, port: http }
        periodSeconds: 10
        timeoutSeconds: 8
      {{- end }}
      resources: {{ toYaml .resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      volumeMounts:
        - { name: staging, mountPath: /staging }
        - { name: data, mountPath: /data }
        # The link to the yt-dlp in use.
        - { name: tools, mountPath: /app/.sonotheque/tools }
        - { name: temporary, mountPath: /tmp }
        {{- if $root.Values.playlists }}
        - { name: config, mountPath: /app/playlist.txt, subPath: playlist.txt, readOnly: true }
        {{- end }}
        {{- if $root.Values.sources }}
        - { name: config, mountPath: /app/sources.yaml, subPath: sources.yaml, readOnly: true }
        {{- end }}
        {{- if $root.Values.existingFilesSecret }}
        - { name: files, mountPath: /run/secrets, readOnly: true }
        {{- end }}
  volumes:
    - name: staging
      {{- if eq $root.Values.staging.form "directory" }}
      persistentVolumeClaim: { claimName: {{ include "sonotheque.stagingClaim" $root }} }
      {{- else }}
      emptyDir: { sizeLimit: {{ $root.Values.staging.workSize }} }
      {{- end }}
    - { name: data, emptyDir: {} }
    - { name: tools, emptyDir: {} }
    - { name: temporary, emptyDir: {} }
    {{- if or $root.Values.playlists $root.Values.sources }}
    - { name: config, configMap: { name: {{ include "sonotheque.name" $root }}-files } }
    {{- end }}
    {{- if $root.Values.existingFilesSecret }}
    - { name: files, secret: { secretName: {{ $root.Values.existingFilesSecret }}, defaultMode: 0440 } }
    {{- end }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.affinity }}
  affinity: {{ toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
