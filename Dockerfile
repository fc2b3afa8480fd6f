# One static program and nothing else. The image for building has gcc and make, which SQLite needs.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY Makefile ./
COPY cmd ./cmd
COPY bridge ./bridge
COPY pretixconn ./pretixconn
COPY database ./database
RUN make build

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/matrix-pretix /matrix-pretix
# config.yaml and registration.yaml are looked for here.
WORKDIR /data
USER 65532:65532
EXPOSE 29350
ENTRYPOINT ["/matrix-pretix"]
