package dev.herald.config;

/**
 * One thing that is wrong with the configuration.
 *
 * @param path of the key or keys, or the name of the variable or file
 * @param text what is wrong and what is allowed; never the value, which may be a secret in the wrong place
 */
public record Problem(String path, String text) {
    @Override
    public String toString() {
        return path + ": " + text;
    }
}
