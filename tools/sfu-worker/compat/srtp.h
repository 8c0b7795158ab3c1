// The part of libsrtp 3 that mediasoup's worker speaks, over libsrtp 2, which is what distributions have.
//
// libsrtp 3 hides its policy behind a handle, and writes to a second buffer with explicit sizes. Types that changed their
// meaning are renamed while libsrtp 2's header is read; functions that changed their parameters are plain C++ overloads.
#pragma once

#define srtp_policy_t srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

// Errors that only libsrtp 3 knows. They fit the enumeration's range, and libsrtp 2 never returns them.
constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

struct srtp_policy_ctx
{
	srtp2_policy_t policy{};
	// libsrtp 2 reads the master key and the salt as one run of bytes, and only borrows them.
	std::vector<uint8_t> keyAndSalt;
};
using srtp_policy_t = srtp_policy_ctx*;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	*policy = new (std::nothrow) srtp_policy_ctx();
	return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->policy.ssrc = ssrc;
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	const auto err = srtp_crypto_policy_set_from_profile_for_rtp(&policy->policy.rtp, profile);
	return err != srtp_err_status_ok ? err
	                                 : srtp_crypto_policy_set_from_profile_for_rtcp(&policy->policy.rtcp, profile);
}

inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* /*mki*/,
  size_t mkiLen)
{
	// A master key identifier would have to be told to libsrtp 2 as well; the worker never uses one.
	if (mkiLen != 0)
	{
		return srtp_err_status_bad_param;
	}

	policy->keyAndSalt.assign(key, key + keyLen);
	policy->keyAndSalt.insert(policy->keyAndSalt.end(), salt, salt + saltLen);
	policy->policy.key = policy->keyAndSalt.data();
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->policy.allow_repeat_tx = allow ? 1 : 0;
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t windowSize)
{
	policy->policy.window_size = static_cast<unsigned long>(windowSize);
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	return srtp_create(session, &policy->policy);
}

inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrcInNetworkOrder)
{
	return srtp_remove_stream(session, ssrcInNetworkOrder);
}

// Runs one of libsrtp 2's in-place transformations from `in` to `out`.
inline srtp_err_status_t srtp2_transform(
  srtp_err_status_t (*transform)(srtp_t, void*, int*), srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
	if (inLen > INT_MAX || *outLen < inLen)
	{
		return srtp_err_status_buffer_small;
	}
	if (in != out)
	{
		std::memcpy(out, in, inLen);
	}

	auto len       = static_cast<int>(inLen);
	const auto err = transform(session, out, &len);
	if (err == srtp_err_status_ok)
	{
		*outLen = static_cast<size_t>(len);
	}
	return err;
}

inline srtp_err_status_t srtp_protect(srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t /*mkiIndex*/)
{
	return srtp2_transform(srtp_protect, session, in, inLen, out, outLen);
}

inline srtp_err_status_t srtp_unprotect(srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
	return srtp2_transform(srtp_unprotect, session, in, inLen, out, outLen);
}

inline srtp_err_status_t srtp_protect_rtcp(srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t /*mkiIndex*/)
{
	return srtp2_transform(srtp_protect_rtcp, session, in, inLen, out, outLen);
}

inline srtp_err_status_t srtp_unprotect_rtcp(srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
	return srtp2_transform(srtp_unprotect_rtcp, session, in, inLen, out, outLen);
}
