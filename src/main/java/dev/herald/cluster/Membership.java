package dev.herald.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryYamlConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import dev.herald.config.HeraldConfig;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** What a node's Vert.x needs in order to join those of other nodes. */
public final class Membership {
    private static final String FILE = "/conf/hazelcast.yaml";
    private static final int PORTS = 10;
    private static final int CONNECT_MILLIS = 3_000;

    static {
        // Hazelcast asks for it before it has read any configuration.
        System.setProperty("hazelcast.logging.type", "slf4j");
    }

    private Membership() {}

    /** @param name that only nodes with the same stores have, so that others on the machine are left alone */
    public static ClusterManager of(HeraldConfig.Cluster cluster, String name) {
        return new HazelcastClusterManager(config(cluster, name));
    }

    public static EventBusOptions bus(HeraldConfig.Cluster cluster) {
        return new EventBusOptions()
                .setHost(cluster.bind())
                .setPort(cluster.busPort())
                .setClusterPublicHost(reachedAt(cluster))
                .setConnectTimeout(CONNECT_MILLIS);
    }

    static Config config(HeraldConfig.Cluster cluster, String name) {
        Config config = new InMemoryYamlConfig(file()).setClusterName(name);
        NetworkConfig network = config.getNetworkConfig()
                .setPort(cluster.port())
                .setPortAutoIncrement(true)
                .setPortCount(PORTS)
                .setPublicAddress(reachedAt(cluster));
        network.getInterfaces().setEnabled(true).addInterface(cluster.bind());
        JoinConfig join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(cluster.dns().isEmpty()).setMembers(cluster.members());
        cluster.dns().ifPresent(dns -> join.getKubernetesConfig()
                .setEnabled(true)
                .setProperty("service-dns", dns)
                .setProperty("service-port", Integer.toString(cluster.port())));
        return config;
    }

    private static String reachedAt(HeraldConfig.Cluster cluster) {
        return cluster.advertise().orElse(cluster.bind());
    }

    private static String file() {
        try (InputStream in = Objects.requireNonNull(Membership.class.getResourceAsStream(FILE))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
