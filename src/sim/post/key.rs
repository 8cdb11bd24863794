//! The RSA key pair with which the simulated MyVNPost signs its webhooks. SIMULATOR ONLY: it is public, it protects nothing.

/// PKCS#8, base64. Simulator only.
pub const SIGNING_KEY_PKCS8: &str = "\
     MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC1BGMDQRcqukUpqypEDDRu4s0yBkCLp4arYcD0ZG8Czue+Z8l2\
     uFsdxpZT6JzV4iU27SbnXQC+RUKtl4u+9NHQJ4oxWyrzMf4Xpb0xfHOy2XVJ6i0uf7a9N0thFHGqqEFzt9jOw6OCIfNTS6Z2SS3R\
     VYZvvfhSBOPcDjHNvK0FGKpNJ7mpA0H/Wq/XYS7pJ4+F4f69Km8A3YMZwGLYCZQQyjkHZUQin+qijYv3qvu2KEUFjyrkcuG0sicZ\
     VUv7FDTZIUiRgIGLex6It7XZ3SlTyhlmnH1+I5dceehJaJO/j4YeeycOVaCs8eNjnGsLSXmXlKvqQX1bDyWxmGptH07NAgMBAAEC\
     ggEAT6orEzMRyY2pw6FfXAxNBSIOsX3b6Tpkw8clPsl2q7M4fW061mNjQlL0NOByKZU50JcFYJxnJ9Xedvxzlao0LppAMOGRIO+3\
     Blw8S+ucFbGrc0i68rRlTZfotkRjk/oxuAZIxhKGws5DQrzP+U3SesbbgBEImLwrNd0PYR6wvMUznSn0Qxxy1czF4AHaCQpul+MK\
     XV7AzFzUGoNaoyGtPSzQ16y9y030yygt/wU804VBa3tfdy4ik8eOXHeTdp/mmsGpDmefzB0swSVX1qJU1UedPxn5nMpbLKs7C9CZ\
     ExXJjy7syEYyEcZ25/MnQFX0wCAPXcUUrrKjXVZiS0h+dwKBgQD00u+Tz0WpKzqV/ZZc2dVITVQIb+USErDRPwbFwQsDIAhdOE6g\
     tAbEcT6jS0WSn8cjVtga7MbQM+S56uM0vuzlhdO+fJ+wnSsPljY1LPw3jygeZwISmqVwNOxbMWZkG04VXP+93cRsmvnQsXy1NfR0\
     6LpjhwhH1uOjNz09YPpeBwKBgQC9R8p5jHYv8hSJ6NkYzQT//ETb3trlepxUjtQbRcstLqyeY3f+J8/D97jrgwvS9cKaAmyswgIa\
     g0g0PRP1jLBymvNKwJDBNJCas+CexNU7q9/KjpFqY6VrdTryWlPBbwmg0YZz40E74ZLP3KJKBOnTGQJBRU28F86Y66z00n93iwKB\
     gQC/h/Ij+cjussIPq6chls1z1gNC4n8cJ4ErAhrDROXfmQTSIQXqVUziDBJL38xbDCLXs843KjvTkHWFOYxsrF1aptrjsE2h9yND\
     +2kHKt1afeWN+1o0wcVhxhWOtlP7Rx1MO0hb+o37xTZhHSmJ/t7zQ0rmKDLDOQs3mjSPuznDqwKBgB2PZ6yh5hdIzDJZfgYkhqJf\
     yHU6EZ+DDYUbJT75IGj3ABhgWm4D06u8NVH6jk8s+G5K8KPuTJvNYupdm49eoHPVhSdoeXLi/a5bZzoEbXS7O+ELcORXmY71qPYO\
     a0QrTiqibkgM9rQeX2o8/89lgwrnvfVpmGFGqooxTDqT4TpPAoGBALt+HWVIcOsoSHgyDLVsNt/lXAORco44qiFWi/nf8mzMCPJA\
     DXwDZhDHrPk3PRbjuMrE7wE2r3RocPatLpWhXnjAViaBHn2j9XyRotpO2BYGbHhb9mtMFa6IMDuFtXFyE/bq9lKjR6ho5J2atrT+\
     EqkA//X0g7ZcqSuy0YufX43R";

/// SubjectPublicKeyInfo, base64: what the operator would hand to the adapter.
pub const PUBLIC_KEY_SPKI: &str = "\
     MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtQRjA0EXKrpFKasqRAw0buLNMgZAi6eGq2HA9GRvAs7nvmfJdrhbHcaW\
     U+ic1eIlNu0m510AvkVCrZeLvvTR0CeKMVsq8zH+F6W9MXxzstl1SeotLn+2vTdLYRRxqqhBc7fYzsOjgiHzU0umdkkt0VWGb734\
     UgTj3A4xzbytBRiqTSe5qQNB/1qv12Eu6SePheH+vSpvAN2DGcBi2AmUEMo5B2VEIp/qoo2L96r7tihFBY8q5HLhtLInGVVL+xQ0\
     2SFIkYCBi3seiLe12d0pU8oZZpx9fiOXXHnoSWiTv4+GHnsnDlWgrPHjY5xrC0l5l5Sr6kF9Ww8lsZhqbR9OzQIDAQAB";

/// The public key as PEM.
pub fn public_key_pem() -> String {
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for (at, letter) in PUBLIC_KEY_SPKI.chars().enumerate() {
        if at > 0 && at.is_multiple_of(64) {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem + "\n-----END PUBLIC KEY-----\n"
}
