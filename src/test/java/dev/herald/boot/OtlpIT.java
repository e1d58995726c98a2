package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.it.LocalNode;
import dev.herald.it.Ports;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A collector that takes what it is sent apart with OpenTelemetry's own classes. */
@Timeout(60)
class OtlpIT {
    private final Vertx vertx = Vertx.vertx();
    private final List<ResourceMetrics> taken = new CopyOnWriteArrayList<>();
    private final List<String> paths = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void a_collector_is_sent_what_prometheus_would_read_and_the_last_of_it_at_the_stop() {
        HttpServer collector = vertx.createHttpServer().requestHandler(this::take);
        int listening = collector.listen(0, "127.0.0.1").await().actualPort();
        LocalNode node = start("http://127.0.0.1:" + listening + "/");
        String port = node.management().replaceFirst(".*:", "");
        assertThat(node.stop()).isTrue();

        await().untilAsserted(() -> assertThat(taken).isNotEmpty());
        assertThat(paths).containsOnly("/v1/metrics");
        ResourceMetrics last = taken.getLast();
        Map<String, String> attributes = last.getResource().getAttributesList().stream()
                .collect(Collectors.toMap(KeyValue::getKey, it -> it.getValue().getStringValue()));
        assertThat(attributes).containsEntry("service.name", "herald");
        assertThat(attributes.get("service.instance.id")).endsWith(":" + port);
        Map<String, Metric> metrics = last.getScopeMetricsList().stream()
                .flatMap(scope -> scope.getMetricsList().stream())
                .collect(Collectors.toMap(Metric::getName, metric -> metric, (one, other) -> one));
        assertThat(metrics)
                .containsKeys("herald.commands.sent", "jvm.memory.used", "process.cpu.usage")
                .hasEntrySatisfying(
                        "herald.command.lag", lag -> assertThat(lag.getUnit()).isEqualTo("seconds"));
        assertThat(metrics.keySet()).anyMatch(name -> name.startsWith("vertx."));
    }

    @Test
    void a_collector_that_is_not_there_is_no_trouble() {
        LocalNode node = start("http://127.0.0.1:" + Ports.free());
        assertThat(node.stop()).isTrue();
    }

    private static LocalNode start(String collector) {
        return LocalNode.start(Map.of("telemetry.otlp", collector));
    }

    private void take(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            try {
                taken.addAll(
                        ExportMetricsServiceRequest.parseFrom(body.getBytes()).getResourceMetricsList());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            paths.add(request.path());
            request.response().end();
        });
    }
}
