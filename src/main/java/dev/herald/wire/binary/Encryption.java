package dev.herald.wire.binary;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.herald.model.ChannelKey;
import dev.herald.model.Payload;
import dev.herald.wire.Frame;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Encrypts and signs the payloads of one connection (wukong-interfaces section 1.7); for one thread at a time. */
final class Encryption {
    private static final String SALT_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int KEY_BYTES = 16;
    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

    /** Every thread's own: a digest keeps nothing from one use to the next. */
    private static final ThreadLocal<MessageDigest> MD5 = ThreadLocal.withInitial(Encryption::newMd5);

    private final SecretKeySpec key;
    private final IvParameterSpec iv;

    /** Made when they are first needed: most of the connections of a server are idle, and each is over a kilobyte. */
    private @Nullable Cipher encryptor;

    private @Nullable Cipher decryptor;

    /** @param salt 16 characters of ASCII */
    Encryption(byte[] sharedSecret, String salt) {
        key = new SecretKeySpec(keyFrom(sharedSecret), "AES");
        iv = new IvParameterSpec(salt.getBytes(US_ASCII));
    }

    static String newSalt(RandomGenerator random) {
        StringBuilder salt = new StringBuilder(KEY_BYTES);
        while (salt.length() < KEY_BYTES) {
            salt.append(SALT_ALPHABET.charAt(random.nextInt(SALT_ALPHABET.length())));
        }
        return salt.toString();
    }

    /** What a SEND's signature covers, but for the encrypted payload that comes last. */
    static String signedOfSend(long clientSeq, String clientMsgNo, ChannelKey channel) {
        return clientSeq + clientMsgNo + channel.id() + channel.type();
    }

    /** What a RECV's signature covers, but for the encrypted payload that comes last. */
    static String signedOfRecv(Frame.Recv recv) {
        return ""
                + recv.messageId()
                + recv.messageSeq()
                + recv.clientMsgNo()
                + recv.timestampSeconds()
                + recv.fromUid()
                + recv.channel().id()
                + recv.channel().type();
    }

    /** The payload's form on the wire: base64 text. */
    byte[] encrypt(Payload payload) {
        return encrypt(payload.bytes());
    }

    /** The msgKey: the lower-case hexadecimal of 16 bytes. */
    byte[] sign(byte[] signed, byte[] encrypted) {
        byte[] whole = Arrays.copyOf(signed, signed.length + encrypted.length);
        System.arraycopy(encrypted, 0, whole, signed.length, encrypted.length);
        byte[] digest = MD5.get().digest(encrypt(whole));
        byte[] hex = new byte[2 * digest.length];
        for (int i = 0; i < digest.length; i++) {
            hex[2 * i] = HEX[(digest[i] >> 4) & 0xf];
            hex[2 * i + 1] = HEX[digest[i] & 0xf];
        }
        return hex;
    }

    /** The plain payload, or nothing if the signature or the encryption is wrong. */
    Optional<Payload> open(String signed, String msgKey, byte[] encrypted) {
        byte[] expected = sign(signed.getBytes(UTF_8), encrypted);
        if (!MessageDigest.isEqual(expected, msgKey.getBytes(UTF_8))) {
            return Optional.empty();
        }
        try {
            if (decryptor == null) {
                decryptor = cipher(Cipher.DECRYPT_MODE);
            }
            return Optional.of(Payload.of(decryptor.doFinal(Base64.getDecoder().decode(encrypted))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            // A cipher that failed may not be used again before it is initialized anew.
            decryptor = null;
            return Optional.empty();
        }
    }

    private byte[] encrypt(byte[] plain) {
        try {
            if (encryptor == null) {
                encryptor = cipher(Cipher.ENCRYPT_MODE);
            }
            return Base64.getEncoder().encode(encryptor.doFinal(plain));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Cipher cipher(int mode) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(mode, key, iv);
        return cipher;
    }

    private static MessageDigest newMd5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] keyFrom(byte[] sharedSecret) {
        byte[] digest = MD5.get().digest(Base64.getEncoder().encode(sharedSecret));
        return HexFormat.of().formatHex(digest).substring(0, KEY_BYTES).getBytes(US_ASCII);
    }
}
