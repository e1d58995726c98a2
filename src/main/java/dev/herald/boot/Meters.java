package dev.herald.boot;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/**
 * The one registry of a node, with the meters of the JVM and the process, and of what the verticles count in Micrometer's
 * global registry.
 *
 * @param collector of the pauses, which listens to the JVM until it is closed
 */
record Meters(PrometheusMeterRegistry registry, JvmGcMetrics collector) {

    static Meters open() {
        Meters meters = new Meters(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), new JvmGcMetrics());
        meters.collector.bindTo(meters.registry);
        new JvmMemoryMetrics().bindTo(meters.registry);
        new JvmThreadMetrics().bindTo(meters.registry);
        new ProcessorMetrics().bindTo(meters.registry);
        new FileDescriptorMetrics().bindTo(meters.registry);
        new UptimeMetrics().bindTo(meters.registry);
        Metrics.addRegistry(meters.registry);
        return meters;
    }

    void close() {
        Metrics.removeRegistry(registry);
        collector.close();
        registry.close();
    }
}
