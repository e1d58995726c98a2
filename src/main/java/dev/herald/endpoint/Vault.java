package dev.herald.endpoint;

import dev.herald.config.HeraldConfig;
import dev.herald.config.Secret;
import dev.herald.model.Sha256;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Seals what must be read again but not by whoever reads the database: AES-256-GCM, bound to the endpoint that it belongs
 * to. A sealed text is the first bytes of the key's SHA-256, the nonce, and the ciphertext with its tag.
 */
public final class Vault {
    private static final String FILE = "webhook.key";
    private static final int KEY_BYTES = 32;
    static final int KEY_ID_BYTES = 4;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final String HMAC = "HmacSHA256";

    private final SecretKeySpec key;
    private final byte[] keyId;
    private final SecureRandom random = new SecureRandom();

    Vault(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
        this.keyId = Arrays.copyOf(Sha256.of(key), KEY_ID_BYTES);
    }

    /** Its key is {@code webhook.key}, or a file in the data folder that is made once; blocks. */
    public static Vault open(HeraldConfig config) {
        return new Vault(Base64.getDecoder()
                .decode(config.webhook()
                        .key()
                        .map(Secret::value)
                        .orElseGet(() -> readOrMake(Path.of(config.data().dir())))));
    }

    /** Whether {@link #open} finds a key and need not make one; blocks. */
    static boolean hasKey(HeraldConfig config) {
        return config.webhook().key().isPresent()
                || Files.isRegularFile(Path.of(config.data().dir()).resolve(FILE));
    }

    /** What sealed texts begin with. */
    Buffer fingerprint() {
        return Buffer.buffer(keyId);
    }

    public Buffer seal(String endpoint, String text) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] sealed = crypt(Cipher.ENCRYPT_MODE, endpoint, nonce, text.getBytes(StandardCharsets.UTF_8));
        return Buffer.buffer().appendBytes(keyId).appendBytes(nonce).appendBytes(sealed);
    }

    /** @throws IllegalStateException if it was sealed with another key or for another endpoint */
    public String unseal(String endpoint, Buffer sealed) {
        if (!holds(sealed)) {
            throw new IllegalStateException("sealed with another webhook.key than this node has");
        }
        int start = KEY_ID_BYTES + NONCE_BYTES;
        byte[] nonce = sealed.getBytes(KEY_ID_BYTES, start);
        byte[] open = crypt(Cipher.DECRYPT_MODE, endpoint, nonce, sealed.getBytes(start, sealed.length()));
        return new String(open, StandardCharsets.UTF_8);
    }

    /** What an endpoint's requests are signed with as long as it was given no secret: the same wherever this key is. */
    public SigningSecret ownSecret(String endpoint) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key.getEncoded(), HMAC));
            return SigningSecret.ofKey(mac.doFinal(("signs for " + endpoint).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + HMAC, e);
        }
    }

    /** Whether it was sealed with this key; what is not sealed at all was. */
    public boolean holds(@Nullable Buffer sealed) {
        return sealed == null || Arrays.equals(sealed.getBytes(0, KEY_ID_BYTES), keyId);
    }

    private byte[] crypt(int mode, String endpoint, byte[] nonce, byte[] input) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(endpoint.getBytes(StandardCharsets.UTF_8));
            return cipher.doFinal(input);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("endpoint=" + endpoint + " has secrets that cannot be read", e);
        }
    }

    /** Whoever comes second finds the file of whoever was first. */
    private static String readOrMake(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(folder);
                make(folder, file);
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whole or not at all, and readable for its owner only. */
    private static void make(Path folder, Path file) throws IOException {
        byte[] made = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(made);
        var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Path draft = Files.createTempFile(folder, FILE, "", owner);
        Files.writeString(draft, Base64.getEncoder().encodeToString(made), StandardOpenOption.WRITE);
        try {
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            // the first one counts
        } finally {
            Files.delete(draft);
        }
    }
}
