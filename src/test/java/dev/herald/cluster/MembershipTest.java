package dev.herald.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import dev.herald.config.ConfigLoader;
import dev.herald.config.HeraldConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private static final Map<String, String> PUBLISHED =
            Map.of("cluster.advertise", "10.0.0.8", "cluster.port", "5999", "cluster.dns", "herald-pods");

    @Test
    void others_are_told_the_address_that_is_bound_unless_another_is_advertised() {
        assertThat(Membership.config(cluster(Map.of()), "h").getNetworkConfig().getPublicAddress())
                .isEqualTo(Membership.bus(cluster(Map.of())).getClusterPublicHost())
                .isEqualTo("127.0.0.1");

        assertThat(Membership.config(cluster(PUBLISHED), "h").getNetworkConfig().getPublicAddress())
                .isEqualTo(Membership.bus(cluster(PUBLISHED)).getClusterPublicHost())
                .isEqualTo("10.0.0.8");
        assertThat(Membership.bus(cluster(PUBLISHED)).getHost()).isEqualTo("127.0.0.1");
    }

    @Test
    void the_membership_is_told_to_listen_at_one_address_only() {
        assertThat(Membership.config(cluster(Map.of()), "h").getProperty("hazelcast.socket.bind.any"))
                .isEqualTo("false");
    }

    @Test
    void nodes_that_have_a_name_in_dns_are_looked_for_at_the_port_of_this_one() {
        Config config = Membership.config(cluster(PUBLISHED), "h");

        JoinConfig join = config.getNetworkConfig().getJoin();
        assertThat(join.getTcpIpConfig().isEnabled()).isFalse();
        assertThat(join.getKubernetesConfig().isEnabled()).isTrue();
        assertThat(join.getKubernetesConfig().getProperties())
                .containsEntry("service-dns", "herald-pods")
                .containsEntry("service-port", "5999");
    }

    private static HeraldConfig.Cluster cluster(Map<String, String> settings) {
        return ConfigLoader.load(settings).cluster();
    }
}
