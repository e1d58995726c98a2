package dev.herald.boot;

import dev.herald.config.HeraldConfig;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a node counts: the JVM, the process, Vert.x, and what the verticles count in Micrometer's global registry.
 *
 * @param scraped for whoever asks
 * @param all that and, if there is one, the one that is sent
 * @param collector of the pauses, which listens to the JVM until it is closed
 */
record Meters(PrometheusMeterRegistry scraped, MeterRegistry all, List<MeterRegistry> each, JvmGcMetrics collector) {

    static Meters open(HeraldConfig config) {
        PrometheusMeterRegistry scraped = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        List<MeterRegistry> each = Stream.concat(Stream.of(scraped), Otlp.registry(config).stream())
                .toList();
        MeterRegistry all = each.size() == 1 ? scraped : new CompositeMeterRegistry(Clock.SYSTEM, each);
        JvmGcMetrics collector = new JvmGcMetrics();
        Stream.<MeterBinder>of(
                        collector,
                        new JvmMemoryMetrics(),
                        new JvmThreadMetrics(),
                        new ProcessorMetrics(),
                        new FileDescriptorMetrics(),
                        new UptimeMetrics())
                .forEach(binder -> binder.bindTo(all));
        each.forEach(Metrics::addRegistry);
        return new Meters(scraped, all, each, collector);
    }

    /** What is sent is sent once more, with the last of everything. */
    void close() {
        each.forEach(MeterRegistry::close);
        each.forEach(Metrics::removeRegistry);
        collector.close();
    }
}
