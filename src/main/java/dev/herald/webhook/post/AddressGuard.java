package dev.herald.webhook.post;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Which addresses a request may go to: those of the public internet, and the networks that the configuration allows. It
 * is asked about the address that is then connected to, so no name can point elsewhere in between.
 */
final class AddressGuard {
    /** Not of the public internet: RFC 6890 and its successors, as IANA lists them, and what Azure has in every network. */
    private static final List<Cidr> SPECIAL_V4 = cidrs(
            "0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,192.0.2.0/24,"
                    + "192.88.99.0/24,192.168.0.0/16,198.18.0.0/15,198.51.100.0/24,203.0.113.0/24,224.0.0.0/4,240.0.0.0/4,"
                    + "168.63.129.16/32");

    /** What IPv6 gives to the public internet, but for documentation, Teredo and other protocols' own. */
    private static final List<Cidr> PUBLIC_V6 = cidrs("2000::/3");

    private static final List<Cidr> SPECIAL_V6 = cidrs("2001::/23,2001:db8::/32,3fff::/20");

    /** IPv4 inside IPv6: NAT64 (RFC 6052), 6to4, and the deprecated compatible form; Java itself unwraps the mapped one. */
    private static final Cidr NAT64 = Cidr.parse("64:ff9b::/96");

    private static final Cidr SIX_TO_FOUR = Cidr.parse("2002::/16");
    private static final Cidr COMPATIBLE = Cidr.parse("::/96");
    private static final int NAT64_OFFSET = 12;
    private static final int SIX_TO_FOUR_OFFSET = 2;

    private final List<Cidr> allowed;

    /** @param allowed networks, separated by commas; empty for none */
    AddressGuard(String allowed) {
        this.allowed = cidrs(allowed);
    }

    boolean allows(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (in(allowed, bytes)) {
            return true;
        }
        return address instanceof Inet4Address ? !in(SPECIAL_V4, bytes) : allowsV6(bytes);
    }

    private boolean allowsV6(byte[] bytes) {
        if (NAT64.contains(bytes)) {
            return allowsV4(bytes, NAT64_OFFSET);
        }
        if (SIX_TO_FOUR.contains(bytes)) {
            return allowsV4(bytes, SIX_TO_FOUR_OFFSET);
        }
        if (COMPATIBLE.contains(bytes)) {
            return false;
        }
        return in(PUBLIC_V6, bytes) && !in(SPECIAL_V6, bytes);
    }

    private boolean allowsV4(byte[] bytes, int offset) {
        try {
            return allows(InetAddress.getByAddress(Arrays.copyOfRange(bytes, offset, offset + 4)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    private static boolean in(List<Cidr> networks, byte[] address) {
        return networks.stream().anyMatch(network -> network.contains(address));
    }

    private static List<Cidr> cidrs(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .map(Cidr::parse)
                .toList();
    }

    /** Our own, since Netty's IpSubnetFilterRule (4.2.12) takes any IPv6 address that begins with ones for one of the network. */
    private static final class Cidr {
        private final byte[] network;
        private final int bits;

        private Cidr(byte[] network, int bits) {
            this.network = network;
            this.bits = bits;
        }

        static Cidr parse(String text) {
            int slash = text.indexOf('/');
            try {
                return new Cidr(
                        InetAddress.getByName(text.substring(0, slash)).getAddress(),
                        Integer.parseInt(text.substring(slash + 1)));
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(text, e);
            }
        }

        boolean contains(byte[] address) {
            if (address.length != network.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> bit % Byte.SIZE;
                if (((address[bit / Byte.SIZE] ^ network[bit / Byte.SIZE]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
