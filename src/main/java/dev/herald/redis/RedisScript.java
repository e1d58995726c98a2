package dev.herald.redis;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** A Lua script of the jar's {@code lua} folder, run by its SHA-1 and sent whole only if Redis does not know it. */
public record RedisScript(String name, String source, String sha) {

    /** @param before files that come before it in the script, in this order: functions that it uses */
    public static RedisScript load(String name, String... before) {
        String prelude = Arrays.stream(before).map(RedisScript::read).collect(Collectors.joining());
        return of(name, prelude + read(name));
    }

    private static String read(String name) {
        String path = "/lua/" + name + ".lua";
        try (InputStream in = RedisScript.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("no script " + path);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static RedisScript of(String name, String source) {
        return new RedisScript(name, source, sha1(source));
    }

    Request bySha(List<String> keys, Object... args) {
        return call(Command.EVALSHA, sha, keys, args);
    }

    Request bySource(List<String> keys, Object... args) {
        return call(Command.EVAL, source, keys, args);
    }

    private static Request call(Command command, String script, List<String> keys, Object... args) {
        Request request = Request.cmd(command).arg(script).arg(keys.size());
        keys.forEach(request::arg);
        for (Object arg : args) {
            request.arg(String.valueOf(arg));
        }
        return request;
    }

    private static String sha1(String source) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(source.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
