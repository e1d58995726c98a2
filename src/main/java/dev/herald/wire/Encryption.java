package dev.herald.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.herald.model.ChannelKey;
import dev.herald.model.Payload;
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

/** Encrypts and signs the payloads of one connection (wukong-interfaces section 1.7); for one thread at a time. */
final class Encryption {
    private static final String SALT_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int KEY_BYTES = 16;

    private final SecretKeySpec key;
    private final IvParameterSpec iv;
    private final MessageDigest md5;
    private final Cipher encryptor;
    private Cipher decryptor;

    /** @param salt 16 characters of ASCII */
    Encryption(byte[] sharedSecret, String salt) {
        try {
            md5 = MessageDigest.getInstance("MD5");
            key = new SecretKeySpec(keyFrom(sharedSecret), "AES");
            iv = new IvParameterSpec(salt.getBytes(US_ASCII));
            encryptor = cipher(Cipher.ENCRYPT_MODE);
            decryptor = cipher(Cipher.DECRYPT_MODE);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
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
        try {
            return Base64.getEncoder().encode(encryptor.doFinal(payload.bytes()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The msgKey. */
    String sign(String signed, byte[] encrypted) {
        byte[] head = signed.getBytes(UTF_8);
        byte[] whole = Arrays.copyOf(head, head.length + encrypted.length);
        System.arraycopy(encrypted, 0, whole, head.length, encrypted.length);
        return HexFormat.of().formatHex(md5.digest(encrypt(Payload.of(whole))));
    }

    /** The plain payload, or nothing if the signature or the encryption is wrong. */
    Optional<Payload> open(String signed, String msgKey, byte[] encrypted) {
        byte[] expected = sign(signed, encrypted).getBytes(UTF_8);
        if (!MessageDigest.isEqual(expected, msgKey.getBytes(UTF_8))) {
            return Optional.empty();
        }
        try {
            byte[] blocks = Base64.getDecoder().decode(encrypted);
            return Optional.of(Payload.of(decryptor.doFinal(blocks)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            decryptor = freshDecryptor();
            return Optional.empty();
        }
    }

    /** A cipher that failed may not be used again before it is initialized anew. */
    private Cipher freshDecryptor() {
        try {
            return cipher(Cipher.DECRYPT_MODE);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Cipher cipher(int mode) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(mode, key, iv);
        return cipher;
    }

    private byte[] keyFrom(byte[] sharedSecret) {
        byte[] digest = md5.digest(Base64.getEncoder().encode(sharedSecret));
        return HexFormat.of().formatHex(digest).substring(0, KEY_BYTES).getBytes(US_ASCII);
    }
}
