package dev.herald.config;

import java.util.regex.Pattern;

/**
 * The variables that Kubernetes gives every container for a Service named {@code herald} or {@code herald-…}: they
 * begin as ours do and are none of ours.
 *
 * <p>Names and values: Kubernetes documentation, "Service", section "Environment variables".
 */
final class ServiceLinks {
    private static final Pattern SERVICE = Pattern.compile("HERALD_(.+_)?SERVICE_(HOST|PORT(_.+)?)");
    private static final Pattern PORT = Pattern.compile("HERALD_PORT(_[0-9]+_TCP)?");
    private static final Pattern PORT_PART = Pattern.compile("HERALD_PORT_[0-9]+_TCP_.+");

    private ServiceLinks() {}

    static boolean contain(String name, String value) {
        return SERVICE.matcher(name).matches()
                || PORT_PART.matcher(name).matches()
                || (PORT.matcher(name).matches() && value.startsWith("tcp://"));
    }
}
