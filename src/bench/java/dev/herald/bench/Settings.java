package dev.herald.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a run is told, as {@code key=value}; each scenario asks for the keys that it knows. */
public final class Settings {
    private static final Set<String> KEYS = Set.of(
            // of all
            "api", "beside", "label", "out", "pids", "protocol", "repeat", "seed", "sources", "time", "verify-each", "warmup", "ws",
            // of some
            "appends", "asked", "at-once", "batch", "clients", "command-rate", "commands", "groups", "hook-port", "kill",
            "logins", "members", "online", "payload", "postgres", "rate", "recvacks", "redis", "senders", "settle", "stay",
            "tokens", "users", "warm-clients", "window");

    private final Map<String, String> given;
    private final Map<String, String> used;

    private Settings(Map<String, String> given, Map<String, String> used) {
        this.given = given;
        this.used = used;
    }

    public static Settings parse(List<String> words) {
        Map<String, String> given = new LinkedHashMap<>();
        for (String word : words) {
            int at = word.indexOf('=');
            if (at < 1) {
                throw new IllegalArgumentException("not key=value: " + word);
            }
            given.put(known(word.substring(0, at)), word.substring(at + 1));
        }
        return new Settings(given, new LinkedHashMap<>());
    }

    private static String known(String key) {
        if (!KEYS.contains(key)) {
            throw new IllegalArgumentException("no scenario knows " + key + "; there are " + new TreeSet<>(KEYS));
        }
        return key;
    }

    /** These, with others over them. */
    public Settings with(Map<String, String> others) {
        Map<String, String> all = new LinkedHashMap<>(given);
        all.putAll(others);
        return new Settings(all, used);
    }

    public String text(String key, String otherwise) {
        String value = given.getOrDefault(known(key), otherwise);
        used.put(key, value);
        return value;
    }

    public int number(String key, int otherwise) {
        return Integer.parseInt(text(key, Integer.toString(otherwise)));
    }

    public boolean flag(String key, boolean otherwise) {
        return Boolean.parseBoolean(text(key, Boolean.toString(otherwise)));
    }

    /** What was asked for since the last call, with the values in force. */
    public Map<String, String> takeUsed() {
        Map<String, String> taken = new LinkedHashMap<>(used);
        used.clear();
        return taken;
    }

    /** A key that none of the scenarios asks for would measure something else than was meant. */
    public void refuseUnknown(Set<String> known) {
        Set<String> unknown = new TreeSet<>(given.keySet());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("no scenario of this run asks for " + unknown);
        }
    }
}
