/** WuKongIM's JSON forms that several concerns speak. */
@NullMarked
package dev.herald.wukong;

import org.jspecify.annotations.NullMarked;
