package dev.herald.boot;

import dev.herald.config.HeraldConfig;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends the metrics to an OpenTelemetry collector, in OTLP over HTTP. What OpenTelemetry's own variables of the
 * environment say (OTEL_…), such as headers, is heeded.
 *
 * @param base URL of the collector, below which the path of metrics is the specification's
 * @param instance that no other node has
 */
record Otlp(String base, String instance) implements OtlpConfig {
    private static final String PATH = "/v1/metrics";

    /** As often as Prometheus would ask. */
    private static final Duration STEP = Duration.ofSeconds(15);

    /** Empty if nobody is to be sent them. */
    static Optional<MeterRegistry> registry(HeraldConfig config) {
        return config.telemetry()
                .otlp()
                .map(base -> new Otlp(base.replaceFirst("/$", ""), instance(config)))
                .map(otlp -> new OtlpMeterRegistry(otlp, Clock.SYSTEM));
    }

    @Override
    public @Nullable String get(String key) {
        return null;
    }

    @Override
    public String url() {
        return base + PATH;
    }

    @Override
    public Duration step() {
        return STEP;
    }

    /** As in Prometheus' form, and as OpenTelemetry would have it. */
    @Override
    public TimeUnit baseTimeUnit() {
        return TimeUnit.SECONDS;
    }

    @Override
    public Map<String, String> resourceAttributes() {
        Map<String, String> attributes = new HashMap<>(Map.of("service.instance.id", instance));
        attributes.putAll(OtlpConfig.super.resourceAttributes());
        attributes.merge("service.name", "herald", (given, own) -> given.startsWith("unknown_service") ? own : given);
        return attributes;
    }

    private static String instance(HeraldConfig config) {
        return host() + ":" + config.management().port();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
