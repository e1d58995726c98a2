package dev.herald.webhook.post;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
    private final AddressGuard strict = new AddressGuard("");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.1.2.3",
                "100.64.0.1",
                "127.0.0.1",
                "127.255.255.254",
                "169.254.169.254",
                "168.63.129.16",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "fe80::1",
                "fc00::1",
                "fd00:ec2::254",
                "ff02::1",
                "2001:db8::1",
                "2001::1",
                "100::1",
                // IPv4 in disguise: mapped, compatible, NAT64 and its local form, 6to4
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::127.0.0.1",
                "64:ff9b::10.0.0.1",
                "64:ff9b::169.254.169.254",
                "64:ff9b:1::10.0.0.1",
                "2002:7f00:1::",
                "2002:a00:1::",
                // other ways to write loopback
                "2130706433",
                "127.1"
            })
    void refuses_what_is_not_of_the_public_internet(String address) throws Exception {
        assertThat(strict.allows(address(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.8.8.8",
                "168.63.129.17",
                "172.15.255.255",
                "172.32.0.0",
                "100.63.255.255",
                "2606:4700:4700::1111",
                "2a00:1450::1",
                "64:ff9b::8.8.8.8",
                "2002:808:808::",
                "::ffff:8.8.8.8"
            })
    void allows_the_public_internet(String address) throws Exception {
        assertThat(strict.allows(address(address))).isTrue();
    }

    @Test
    void allows_networks_that_are_named() throws Exception {
        AddressGuard guard = new AddressGuard("10.0.0.0/8, fd12::/16,192.168.7.7/32,127.0.0.0/8");
        for (String named :
                new String[] {"10.255.0.1", "fd12:1::1", "192.168.7.7", "::ffff:10.0.0.1", "64:ff9b::127.0.0.1"}) {
            assertThat(guard.allows(address(named))).as(named).isTrue();
        }
        for (String other : new String[] {"11.0.0.1", "192.168.7.8", "fd13::1", "::1", "172.16.0.1"}) {
            assertThat(guard.allows(address(other))).as(other).isEqualTo(other.equals("11.0.0.1"));
        }
    }

    private static InetAddress address(String text) throws UnknownHostException {
        return InetAddress.getByName(text);
    }
}
